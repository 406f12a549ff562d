"""General compressors on bytes: xz by Python's own lzma, zstd by its package."""
import base64

from . import task


def compressor(name, data, entries, compress):
    raw = base64.b64decode(data)
    return name, lambda: compress(raw), f"{8 * len(compress(raw)) / entries:.3f} bits an entry"


@task
def xz(data, entries):
    import lzma

    return compressor("xz -9e (liblzma)", data, entries, lambda raw: lzma.compress(raw, preset=9 | lzma.PRESET_EXTREME))


@task
def zstandard(data, entries):
    import zstandard as package

    coder = package.ZstdCompressor(level=19)
    return compressor(f"zstd -19 (zstandard {package.__version__})", data, entries, coder.compress)
