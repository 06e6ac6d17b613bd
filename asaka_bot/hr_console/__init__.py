"""The HR console: pages on which 職員課 sees and steers what leaves the bot on its own."""
