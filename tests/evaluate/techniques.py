# SPDX-License-Identifier: Apache-2.0
"""What is judged on the glyphs network, as data: settings, what is swept, targets. One entry per combination of techniques.

Keys of settings stand behind "workload.techniques.". Points run from least to most work left out. The setting that is judged
stands in settings.json, which a full run of evaluate.py chooses anew.
"""
from dataclasses import dataclass
from typing import Optional

ST = (("st.enabled", "true"), ("st.mask_every", "5"))
FFN_REUSE = (("ffn_reuse.enabled", "true"), ("ffn_reuse.dense_every", "5"), ("ffn_reuse.conmerge", "true"))
PATCHES = (("ffn_reuse.tile_width", "16"),)  # tiles of 4 x 4 tokens; listed tokens form none
EP = (("ep.enabled", "true"),)
CTR = (("ctr.enabled", "true"), ("ctr.first_steps", "5"), ("ctr.refresh_every", "5"))


@dataclass(frozen=True)
class Work:
    """A share of work in percent: "ffn_marked", "attention_marked" or "blocks_left" (work.py)."""
    measure: str
    target: Optional[str]


@dataclass(frozen=True)
class Saved:
    """How much of the marked MACs of a group become engine cycles saved on a SoC, in percent (work.py: saved_share)."""
    soc: str
    group: str  # "ffn", "attention"
    target: Optional[str]
    schedules: bool = False  # rows that charge the generator of ConMerge schedules otherwise stand beside it
    variant: str = ""  # at the end of the rows' names, if `extra` settings join the technique's
    extra: tuple = ()


@dataclass(frozen=True)
class Technique:
    name: str
    title: str
    fixed: tuple  # (key, value), in every point
    swept: tuple  # keys of a point's values
    points: tuple  # of tuples of values, as text
    psnr_db: float  # least mean
    work: tuple
    saved: tuple = ()
    curve: tuple = ()  # values of the first swept key; left out: those of the points

    def sets(self, point):
        """--set arguments of a point."""
        pairs = self.fixed + tuple(zip(self.swept, point))
        return [f"workload.techniques.{key}={value}" for key, value in pairs]


TECHNIQUES = (
    Technique("st", "ST", ST, ("st.threshold",), tuple((value,) for value in ("0.1", "0.25", "0.4", "0.5", "0.6", "1", "2")), 30,
              (Work("attention_marked", None), Work("blocks_left", None)), (Saved("disc", "attention", ">= 70"),)),
    Technique("ffn_reuse", "FFN-Reuse", FFN_REUSE + PATCHES, ("ffn_reuse.threshold",), tuple((value,) for value in ("0.1", "0.15", "0.2", "0.3", "0.4")), 30,
              (Work("ffn_marked", ">= 65"),), (Saved("exion24", "ffn", ">= 70", schedules=True),)),
    Technique("ep", "EP", EP, ("ep.keep",), tuple((value,) for value in ("0.6", "0.5", "0.45", "0.4", "0.3")), 26,
              (Work("attention_marked", ">= 50"),),
              (Saved("exion24", "attention", ">= 45"), Saved("exion24", "attention", None, schedules=True, variant="_conmerge", extra=(("ep.conmerge", "true"),))),
              ("0.8", "0.6", "0.5", "0.4", "0.3", "0.2")),
    Technique("ctr_st", "CTR + ST", CTR + ST, ("ctr.share", "st.threshold"), (("0.4", "0.6"), ("0.3", "0.4"), ("0.3", "0.6"), ("0.3", "1")), 30,
              (Work("blocks_left", "<= 48"),), curve=("0.6", "0.5", "0.4", "0.3", "0.2", "0.1")),
    # Dense steps of FFN-Reuse are those that refresh all tokens. Few layers for ST: its first mask keeps more keys than EP does.
    Technique("all", "all five", CTR + ST + FFN_REUSE + EP + (("ffn_reuse.first_steps", "5"),), ("ctr.share", "st.layers", "ep.layers", "st.threshold", "ffn_reuse.threshold", "ep.keep"),
              (("0.3", "0-2", "3", "0.6", "0.4", "0.4"), ("0.2", "0-2", "3", "0.6", "0.4", "0.4"), ("0.2", "0", "1-3", "0.6", "0.4", "0.4")), 26, (Work("blocks_left", "<= 33"),),
              curve=("0.5", "0.4", "0.3", "0.25", "0.2")),
)
