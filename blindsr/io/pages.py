"""What is said of files with several pictures of one kind: pages of a TIFF, planes of a FITS, frames of a
DICOM."""

from srbase.errors import InputError


def refuse_stack(count: int) -> InputError:
    """The error for a file of so many pages none of which was named."""
    return InputError(
        f"holds a stack of {count} pages; wanted one of them, --pages 1 to {count}, or --pages all of"
        " blindsr upscale; in Python read_photo(path, page=1), or upscale_stack, as docs/formats.md says"
    )


def refuse_page(number: int, count: int | None = None) -> InputError:
    """The error for a page that is not there."""
    return InputError(f"has no page {number}; wanted one from 1{f' to {count}' if count else ''}")


def chosen_page(number: int | None, count: int) -> int:
    """The index of a page, from 0, that is named by its number, from 1, or is the only one.

    Raises:
        InputError: the page is not there, or none of several is named.
    """
    if number is None:
        if count != 1:
            raise refuse_stack(count)
        return 0
    if not 1 <= number <= count:
        raise refuse_page(number, count)
    return number - 1
