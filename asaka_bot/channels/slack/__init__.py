"""Slack: questions from messages, buttons and the App Home; answers and reminders in Block Kit."""
