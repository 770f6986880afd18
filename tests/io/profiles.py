"""ICC profiles made by hand (ICC.1:2001, version 2), so that no test needs a file of anybody's."""

import struct
from io import BytesIO

import numpy as np
from PIL import ImageCms


def _xyz(x, y, z):
    return b"XYZ \0\0\0\0" + struct.pack(">iii", *(round(v * 65536) for v in (x, y, z)))


def _text(words):
    data = words.encode() + b"\0"
    return b"desc\0\0\0\0" + struct.pack(">I", len(data)) + data + b"\0" * 78


def _profile(device, space, connection, tags):
    tags = {
        "desc": _text(f"test {space}"),
        "cprt": b"text\0\0\0\0none\0",
        "wtpt": _xyz(0.9642, 1, 0.8249),
        **tags,
    }
    place, directory, body = 128 + 4 + 12 * len(tags), [], b""
    for name, data in tags.items():
        padded = data + b"\0" * (-len(data) % 4)
        directory.append(struct.pack(">4sII", name.encode(), place + len(body), len(data)))
        body += padded
    head = struct.pack(
        ">I4sI4s4s4s12s4s4sIII8sI12s4s44s",
        place + len(body),
        b"lcms",
        0x02400000,
        device.encode(),
        space.ljust(4).encode(),
        connection.ljust(4).encode(),
        struct.pack(">6H", 2020, 1, 1, 0, 0, 0),
        b"acsp",
        *(b"\0\0\0\0", 0, 0, 0, b"\0" * 8, 0),
        struct.pack(">iii", *(round(v * 65536) for v in (0.9642, 1, 0.8249))),
        *(b"\0" * 4, b"\0" * 44),
    )
    return head + struct.pack(">I", len(tags)) + b"".join(directory) + body


def gray(gamma=1.8):
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    return _profile("mntr", "GRAY", "XYZ", {"kTRC": curve})


def rgb(gamma=1.8):
    """Wide primaries, unlike sRGB's, so that a colour taken for sRGB shows."""
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    primaries = {"rXYZ": (0.60974, 0.31111, 0.01947), "gXYZ": (0.20528, 0.62567, 0.06087)}
    tags = {name: _xyz(*value) for name, value in {**primaries, "bXYZ": (0.14919, 0.06322, 0.74457)}.items()}
    return _profile("mntr", "RGB", "XYZ", {**tags, "rTRC": curve, "gTRC": curve, "bTRC": curve})


def cmyk():
    """Inks duller than the naive ones: a table of two points an ink, to Lab."""
    lab = []
    for c, m, y, k in np.ndindex(2, 2, 2, 2):
        light = 95 - 30 * c - 40 * m - 8 * y
        light, a, b = (
            light * (1 - 0.9 * k),
            (-30 * c + 65 * m - 5 * y) * (1 - k),
            (-40 * c - 2 * m + 85 * y) * (1 - k),
        )
        lab.append((round(light * 2.55), round(a + 128), round(b + 128)))
    straight = bytes(range(256))
    table = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0])
    table += struct.pack(">9i", *(65536 * v for v in (1, 0, 0, 0, 1, 0, 0, 0, 1)))
    table += straight * 4 + bytes(np.clip(np.array(lab), 0, 255).astype(np.uint8).ravel()) + straight * 3
    return _profile("prtr", "CMYK", "Lab", {"A2B0": table})


def srgb():
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def as_srgb(picture, icc):
    """By LittleCMS, perceptual."""
    source = ImageCms.ImageCmsProfile(BytesIO(icc))
    return np.asarray(
        ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    )
