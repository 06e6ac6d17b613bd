"""`python -m asaka_bot` runs the same commands as `asaka-bot`."""

from asaka_bot.cli import main

if __name__ == "__main__":
    main()
