"""The web chat: pages that employees use on their phone, with or without JavaScript."""
