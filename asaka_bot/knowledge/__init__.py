"""What the bot knows: the model of topics and statements, and the reader of knowledge/*.yaml."""
