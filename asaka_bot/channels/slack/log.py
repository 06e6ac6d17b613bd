"""A logger that says nothing: slack_sdk and slack-bolt would log bodies, and in them what people wrote."""

import logging

SILENT = logging.getLogger("asaka_bot.channels.slack.silent")
SILENT.setLevel(logging.CRITICAL + 1)  # they compare the level itself, so that a disabled logger isn't enough
SILENT.propagate = False
SILENT.addHandler(logging.NullHandler())
