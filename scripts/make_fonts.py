"""Make the files in voxweave_nb/media/fonts: one static font for each weight of Inter.

Needs `pip install fonttools freetype-py`; the project itself does not. On Linux libass takes the weight of a variable
font for 400 and makes letters bolder where more than 550 is asked for; a static font says its weight, so that the same
is done to its outlines here.
"""

from __future__ import annotations

import ctypes
import io
import shutil
from array import array
from importlib import resources
from pathlib import Path

import freetype
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._g_l_y_f import Glyph, GlyphCoordinates
from fontTools.ttLib.tables.ttProgram import Program
from fontTools.varLib import instancer

from voxweave_nb.media.burn import WEIGHTS

HERE = Path(__file__).resolve().parent.parent / "voxweave_nb" / "media" / "fonts"
INTER = resources.files("fontpkg_inter")
BOLDER_ABOVE = 550
"""libass makes a font bolder if its weight is more than 150 below the one that is asked for."""


def main() -> None:
    """Write the fonts and their licence."""
    HERE.mkdir(exist_ok=True)
    shutil.copyfile(str(INTER / "LICENSE"), HERE / "OFL.txt")
    reduced = reduced_font()
    for weight in WEIGHTS:
        to = HERE / f"inter-{weight}.ttf"
        font = instancer.instantiateVariableFont(
            TTFont(io.BytesIO(reduced)), {"wght": weight, "opsz": 14}, inplace=True
        )
        font.save(to)
        if weight > BOLDER_ABOVE:
            embolden(font, to)
            font.save(to)
        print(f"{to.name}: {to.stat().st_size} bytes")


def reduced_font() -> bytes:
    """Return the variable font with all its characters, without alternate forms that libass does not ask for."""
    font = TTFont(str(INTER / "files" / "Inter[opsz,wght].ttf"))
    options = Options(hinting=False, notdef_outline=True, name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14])
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=font.getBestCmap())
    subsetter.subset(font)
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def embolden(font: TTFont, path: Path) -> None:
    """Grow each outline by 1/64 em, as libass does."""
    face = freetype.Face(str(path))
    face.set_pixel_sizes(0, face.units_per_EM)  # a pixel is a unit of the font; FreeType counts 1/64 of it
    glyphs, metrics = font["glyf"], font["hmtx"]
    for index, name in enumerate(font.getGlyphOrder()):
        face.load_glyph(index, freetype.FT_LOAD_NO_HINTING | freetype.FT_LOAD_NO_BITMAP)
        outline = face.glyph.outline
        if outline.n_points:
            freetype.FT_Outline_Embolden(ctypes.byref(outline._FT_Outline), face.units_per_EM)
            glyphs[name] = as_glyph(outline, glyphs)
            metrics[name] = (metrics[name][0], glyphs[name].xMin)


def as_glyph(outline: freetype.Outline, table: object) -> Glyph:
    """Return an outline as a glyph."""
    glyph = Glyph()
    glyph.numberOfContours = outline.n_contours
    glyph.endPtsOfContours = list(outline.contours)
    glyph.coordinates = GlyphCoordinates([(round(x / 64), round(y / 64)) for x, y in outline.points])
    glyph.flags = array("B", [tag & 1 for tag in outline.tags])
    glyph.program = Program()
    glyph.program.fromBytecode(b"")
    glyph.recalcBounds(table)
    return glyph


if __name__ == "__main__":
    main()
