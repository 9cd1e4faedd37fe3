"""What goes wrong because of what the person gave."""


class InputError(ValueError):
    """Wrong input; the message is one line that says what was wrong, where, and what to do next.

    The command line prints it to stderr and exits with 2.
    """
