"""The one error that is the caller's to mend."""


class InputError(ValueError):
    """Something given from outside cannot be used: what it is, what was got, what is wanted.

    The message is one line and is shown to the user as it stands.
    """
