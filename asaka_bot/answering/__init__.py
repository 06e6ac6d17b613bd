"""A question becomes an answer: pure functions over the knowledge base, no I/O besides the vector cache."""
