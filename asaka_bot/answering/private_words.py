"""Words by which a text may be about somebody's body, mind, family trouble or harassment, whatever it was taken for."""

import re

_PRIVATE = re.compile(
    r"妊娠|妊活|不妊|流産|死産|中絶|つわり|生理|月経|更年期|病|うつ|鬱|メンタル|精神|発達|障害|障がい|手帳|診断|通院|入院|治療|手術|がん|癌|薬|"
    r"眠れ|涙|泣|つら|辛|しんど|限界|苦し|怖|死|消えた|自殺|殺|殴|蹴|叩|たたか|触ら|さわら|襲|脅|どな|怒鳴|いじめ|嫌がらせ|無視|悪口|暴|"
    r"ハラ(?:スメント)?|セクシュアル|性的|同性|離婚|DV|虐待|借金|ストーカー|つきまと",
    re.IGNORECASE,
)


def may_be_private(text: str) -> bool:
    """Whether a text had better not be kept; rather too often than too seldom."""
    return bool(_PRIVATE.search(text))
