"""What the person at the terminal sees: steps with their time, progress, and errors that say what to type."""

import contextlib
import sys
import time


class ApticError(Exception):
    """A failure that a person can act on: ``message`` says what happened, ``hint`` the command that would help."""

    def __init__(self, message, hint=None):
        super().__init__(message)
        self.message = message
        self.hint = hint


def say(text=""):
    """Print one line at once (output is often a pipe)."""
    print(text, flush=True)


def warn(text):
    """Print a warning on the error stream."""
    print(f"warning: {text}", file=sys.stderr, flush=True)


class Progress:
    """The line of a running step; rewritten in place on a terminal, spoken every ten seconds elsewhere."""

    def __init__(self, title):
        self.title = title
        self.started = time.monotonic()
        self.last_spoken = self.started
        self.tty = sys.stdout.isatty()
        self.width = 0

    def update(self, detail):
        """Show ``detail`` (a few words: a count, a module's name) as the state of the step."""
        now = time.monotonic()
        if self.tty:
            if now - self.last_spoken >= 0.1:
                self._rewrite(f"  {self.title} … {now - self.started:.0f} s  {detail}"[:110])
                self.last_spoken = now
        elif now - self.last_spoken >= 10:
            say(f"  {self.title} … {now - self.started:.0f} s  {detail}")
            self.last_spoken = now

    def say(self, text):
        """Print a line of its own while the step goes on."""
        if self.tty:
            self._rewrite("")
            sys.stdout.write("\r")
            self.width = 0
        say(text)

    def _rewrite(self, text):
        sys.stdout.write("\r" + text.ljust(self.width))
        sys.stdout.flush()
        self.width = len(text)

    def close(self, word):
        """End the step's line with ``word`` and the seconds it took."""
        text = f"  {self.title}: {word} ({time.monotonic() - self.started:.1f} s)"
        if self.tty:
            self._rewrite(text)
            say()
        else:
            say(text)


@contextlib.contextmanager
def step(title):
    """Run a block as a named step; yields its :class:`Progress`.

    :param title: what is being done, in a few words.
    """
    progress = Progress(title)
    progress.update("")
    try:
        yield progress
    except BaseException:
        progress.close("stopped")
        raise
    progress.close("done")
