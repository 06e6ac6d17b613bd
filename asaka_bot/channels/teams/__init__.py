"""Microsoft Teams: personal chats, group chats and channels, over Microsoft's SDK on the same server."""
