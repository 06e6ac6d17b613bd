"""The only code that knows a platform; each channel receives questions and renders replies in its own way."""
