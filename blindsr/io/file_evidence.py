"""What a file tells of how its pixels came about, besides the pixels."""

from dataclasses import dataclass

from blindsr.io.jpeg_tables import JPEGTables

Size = tuple[int, int]
"""Pixels of the two sides, in either order: cameras tell them before a picture is turned upright."""


@dataclass(frozen=True)
class FileEvidence:
    """jpeg: the tables that the pixels were stored with. taken: how large the picture was when its camera
    took it, as the camera says; None where none is named, or it does not say."""

    jpeg: JPEGTables | None = None
    taken: Size | None = None

    def is_camera_size(self, size: Size) -> bool:
        """Whether the camera that the file names took the picture in this very size, turned or not: programs
        that make pictures smaller drop what cameras wrote, or keep the larger size in it.

        Args:
            size: of the picture, pixels.

        Returns:
            False where no camera is named.
        """
        return self.taken is not None and sorted(self.taken) == sorted(size)
