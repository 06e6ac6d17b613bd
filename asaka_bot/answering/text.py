"""Normalise Japanese text, so that the same question typed in different ways looks the same."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import jaconv

MAX_QUESTION = 1_000  # characters; longer input is cut before anything looks at it

# Old and variant characters that staff's input methods offer -> the everyday ones (NFKC leaves them alone).
_VARIANTS = str.maketrans(
    "髙﨑濵濱邊邉齋齊澤櫻廣國學體會實賣讀變勞働營醫藥圓驛壽縣參氣當舊譽寶爲條歸產經續總處號澁瀧桒惠轉發數團圖單戰戀聲檢驗畫",
    "高崎浜浜辺辺斎斉沢桜広国学体会実売読変労働営医薬円駅寿県参気当旧誉宝為条帰産経続総処号渋滝桑恵転発数団図単戦恋声検験画",
)
_DASHES = re.compile(r"(?<=[ぁ-んァ-ヶー])[-‐‑‒–—―−~〜～]+")
_LONG = re.compile(r"ー{2,}")
_LAUGH = re.compile(r"[wW]{2,}(?![A-Za-z])|[（(](?:笑|汗|泣|涙|怒)[)）]|(?<=[ぁ-んァ-ヶ一-龠])w(?![A-Za-z])")
_REPEATED = re.compile(r"([!?。、….,・])\1+")
_GAP = re.compile(r"(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])")
_SPACES = re.compile(r"\s+")
_ASCII_WORD = re.compile(r"[A-Za-z]{4,}")
_MANY = 8  # of no more than two different characters are no question
_CONTENT = re.compile(r"[0-9A-Za-zぁ-んァ-ヶ一-龠々]")

# Polite wrapping that says nothing about the topic; cut before matching (see design/retrieval).
_BOILERPLATE = re.compile(
    r"お?(?:世話になって(?:おり|い)ます|疲れ様です|忙しいところ(?:恐れ入ります|すみません|恐縮です)が?)[。、]?"
    r"|(?:お(?:教え|おしえ|聞かせ)|教え|おしえ|ご教示|御教示|ご教授)(?:て)?(?:ください|下さい|いただけ(?:ます|ないでしょう)か|頂けますか|願います|ほしい(?:です)?|くれ(?:ます|ない)か?|ください(?:ませ)?)"
    r"|(?:どう(?:すれば|したら|いた(?:せば|したら)))(?:よい|いい|良い|よろしい)?(?:の)?(?:でしょうか|ですか|か)?"
    r"|(?:よろしく|宜しく)(?:お(?:願い|ねがい)(?:し|いたし|致し)ます)?"
    r"|(?:ちょっと|すみません|すいません|恐れ入りますが|失礼します|質問(?:です|があります|なんですが|ですが))"
    r"|(?:知り|聞き|伺い|確認し)たい(?:の)?(?:です|と思います|と思っています)?"
)


def normalise(text: str) -> str:
    """NFKC, everyday characters, one long-vowel mark, no emoji, no spaces between Japanese characters."""
    text = unicodedata.normalize("NFKC", text[:MAX_QUESTION]).translate(_VARIANTS)
    text = "".join(c for c in text if not _is_noise(c))
    text = _LONG.sub("ー", _DASHES.sub("ー", _LAUGH.sub(" ", text)))
    text = _REPEATED.sub(r"\1", _GAP.sub("", text))
    return _SPACES.sub(" ", text).strip()


def _is_noise(character: str) -> bool:
    category = unicodedata.category(character)
    return category in ("So", "Sk", "Cf", "Co", "Cs", "Cn") or (category == "Cc" and character not in "\n\t\r")


def without_boilerplate(text: str) -> str:
    """Drop greetings and polite endings; the text as it was where nothing else would remain."""
    bare = _BOILERPLATE.sub("", text).strip(" 、。")
    return bare or text


def has_content(text: str) -> bool:
    """Whether anything but signs, or the same character over and over, was typed."""
    typed = _CONTENT.findall(text)
    return bool(typed) and (len(typed) < _MANY or len(set(typed)) > 2)


@lru_cache(maxsize=4096)
def to_hiragana(text: str) -> str:
    """Fold katakana into hiragana."""
    return jaconv.kata2hira(text)


def ngrams(text: str, sizes: Sequence[int]) -> list[str]:
    """Character n-grams of `text` without spaces and punctuation, for each size."""
    bare = "".join(c for c in text if c.isalnum() or c == "ー")
    return [bare[i : i + n] for n in sizes for i in range(len(bare) - n + 1)]


class Synonyms:
    """Replaces the other spellings of a word by the standard one, the longest spelling first."""

    def __init__(self, groups: Sequence[Sequence[str]]) -> None:
        self._standard: dict[str, str] = {}
        for standard, *others in groups:
            plain = normalise(standard).lower()
            for other in others:
                self._standard.setdefault(normalise(other).lower(), plain)
            if any(other in plain for other in self._standard):  # 部分休 stands in 部分休業, which stays as it is
                self._standard.setdefault(plain, plain)
        self.fingerprint = repr(sorted(self._standard.items()))
        beginning: dict[str, list[str]] = {}
        for word in sorted(filter(None, self._standard), key=len, reverse=True):
            beginning.setdefault(word[0], []).append(_as_pattern(word))
        # One pattern a first character: one of all words would try hundreds of them at each place of a text.
        self._patterns = {first: re.compile("|".join(patterns)) for first, patterns in beginning.items()}

    def apply(self, text: str) -> str:
        """The text in lower case with standard words; romaji of known words is read as kana first."""
        text = _ASCII_WORD.sub(self._romaji, text.lower())
        replaced, place = [], 0
        while place < len(text):
            pattern = self._patterns.get(text[place])
            if pattern is not None and (match := pattern.match(text, place)):
                replaced.append(self._standard[match.group()])
                place = match.end()
            else:
                replaced.append(text[place])
                place += 1
        return "".join(replaced)

    def _romaji(self, match: re.Match[str]) -> str:
        word = match.group()
        if word in self._standard:
            return word
        kana = jaconv.alphabet2kana(word)
        return kana if kana in self._standard else word


def _as_pattern(word: str) -> str:
    """A spelling as a pattern; a kana or Latin one only where it is not the inside of a longer word."""
    if re.fullmatch(r"[ァ-ヶー]+", word):
        return rf"(?<![ァ-ヶー]){re.escape(word)}(?![ァ-ヶー])"
    if re.fullmatch(r"[0-9a-z ]+", word):
        return rf"(?<![a-z]){re.escape(word)}(?![a-z])"
    return re.escape(word)
