"""Follow-ups: what 「給料は？」 or 「いや、介護の方」 means after what was said before."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from asaka_bot.answering import facets
from asaka_bot.answering.lexical import Analysed, Analyser
from asaka_bot.answering.ranking import Ranker, Ranking
from asaka_bot.knowledge.model import Facet, KnowledgeBase, Role

EXPIRES_AFTER = timedelta(minutes=10)

# Weights of the title with the turn and of the title alone, beside the turn by itself; set on the project's own
# conversations.
JOINED, TITLE = 0.9, 0.3
BROAD, OUTSIDE = -0.35, -0.12  # a turn is about what was said, hardly ever a broad question of its own
SHORT, TINY = 22, 6  # characters: a longer turn says what it is about
STAY, NEAR, CONTRAST, NEAR_CONTRAST = 0.3, 0.16, 0.2, 0.3  # bonus of the topic and its neighbours; after 「…の方」
CERTAIN, VAGUE = 0.8, 0.3  # chance from which a turn has a matter of its own although, or unless, it asks a side

_CHANGE_OF_SUBJECT = re.compile(
    r"^(?:ところで|話(?:は|が)?(?:変わ|かわ)|別(?:の)?(?:件|話)|全然別|違う話|それとは別に)"
)
_LINK = re.compile(
    r"^(?:で[、,]|じゃあ?|では|それ(?:は|って|だと|なら)|その|ちなみに|あと|さっき|逆に|いや|なら|そしたら|そうすると|えっと|そっち|こっち|もっと|もう少し|他に|ほかに)"
)
_CONTRAST = re.compile(
    r"(?:の|い)(?:方|ほう)(?:は|だと|で|の|も|$)|じゃなくて|ではなく|以外|と(?:は)?(?:どう)?(?:違|ちが)|もっと|代わりに|別に(?:ある|あ)|だけなら"
)
_BACK = re.compile(r"さっき|最初の|元の(?:話|方|ほう|やつ)|休みの(?:方|ほう)|制度の(?:方|ほう)|前の(?:話|方|ほう|やつ)")
_POINTS = re.compile(r"^(?:で、)?(?:それ(?:は|って|を|、)|その(?:間|とき|時|場合|ため)|そこ|これ(?:は|って))")
# 有給 names the annual leave as well; asked of what was said before, it asks whether that is paid.
_PAID = re.compile(
    r"(?:有給|無給)(?:扱い|休暇扱い)?(?:です|なん(?:です)?|なの|になり?(?:ます|る)|で(?:取|休)(?:れ|め)(?:ます|る))?(?:か|の|かな|でしょうか)*\?+$"
    r"|^(?:で、)?(?:それ|これ|その(?:間|休み|休暇))[^。]*(?:有給|無給)(?!休暇|は|を|が)"
)
_ME_TOO = re.compile(
    r"(?:なく|いなく)?て?も(?:使え|取れ|もらえ|受け(?:られ|れ)|できる|いい|大丈夫|要る|いる|対象|可)(?:の|ん|ます|です|か|でしょう)*\??$|(?:でも|もですか|も)\?$"
)

# 話変わるけど、… / 話は変わりますが … / ところで …: what announces another subject is not part of it.
_ANNOUNCED = re.compile(
    r"^(?:ところで|話(?:は|が)?(?:変わ|かわ)(?:る|り|って)(?:ます|ん|の)?(?:です|だ)?(?:けれど|けど|が)?|それとは別に)(?:も)?[、。 ]*"
)

_SAME_SIDE = 15  # characters: a longer turn says itself what it asks
_NAMES_ONLY = re.compile(r"(?:(?:方|ほう|やつ)(?:は|だと|で|の)?|は|だと|の場合は?)[?。]?$")

# Words that ask about a side of any topic; a turn of nothing else stays with the topic.
_ASKING = re.compile(
    r"給料|給与|お?金|有給|無給|扱い|手当|ボーナス|賞与|減り?ます|出ます|出る|もらえ|いくら|何日|何時間|何分|何回|何か月|何ヶ月|何年|何歳|何人|何%|年に|月に|週に|1日|一日|"
    r"いつ|から|まで|前|期間|日数|単位|分割|延長|回数|申請|手続き?|届け?出?|書類|様式|診断書|証明書?|締切|期限|必要|要る|いる|出す|出せ|提出|請求|許可|"
    r"誰|だれ|どこ|窓口|相談先?|連絡先|電話(?:番号)?|内線|担当|聞けば|聞く|対象|条件|資格|使え|取れ|受け|会計年度(?:任用職員)?|パート|臨時|非常勤|再任用|正職員|常勤|男性?|女性?|父親?|母親?|夫|妻|"
    r"現業|出先|独身|新人|新採用?|課長|所属長|管理職|上司|部下|係長|私|自分|人|職員|何を|なに|する|すれば|すべき|やる|こと|根拠|法律|条例|規則|計画|どの|条|目標|実績|達成|数字|平均|今|現在|もう|始ま|検討|"
    r"新しい|概要|どんな|なに|何|違い|どう|なる|なり|ある|あり|です|ます|でも|も|は|の|を|に|で|が|と|って|か|ね|よ|けど|大丈夫|いい|だめ|同じ|教えて|詳しく|方法|やり方|してる|して|た|て|な|ない|歳|子|くらい|ぐらい|とき|場合|だと|なら|れ|ら|"
    r"まとめて|1人|みんな|全員|それ|その|これ|じゃあ?|では|あと|ちなみに|で、|さっき|方|ほう|休み|制度|それぞれ|匿名|秘密|上限|最大|最長|最低|できる|でき"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the last reply was about; carried by the channel, never stored by the bot."""

    topic: str | None = None
    previous: str | None = None  # the topic before, which 「さっきの方」 goes back to
    facet: Facet | None = None
    role: Role | None = None
    at: datetime

    def alive(self, now: datetime) -> bool:
        """Whether it still counts at `now`."""
        return timedelta(0) <= now - self.at < EXPIRES_AFTER


def changes_subject(question: str) -> bool:
    """Whether the turn says itself that it leaves the subject."""
    return bool(_CHANGE_OF_SUBJECT.search(question))


def subject_of(question: str) -> str:
    """The turn without the words that announce a change of subject."""
    return _ANNOUNCED.sub("", question) or question


def keeps_the_side(question: str, *, same_topic: bool) -> bool:
    """Whether a turn without words of a side asks the same side as the one before.

    A new topic does so only where the turn merely names it: 看護の方は? / じゃあテレワークだと. Anything more that is
    said of it starts anew.
    """
    return len(question) <= _SAME_SIDE and (same_topic or bool(_NAMES_ONLY.search(question)))


def only_asks_a_side(question: str) -> bool:
    """Whether the turn names no matter of its own: 給料は? / 何日? / 会計年度でも?"""
    rest = _ASKING.sub("", _LINK.sub("", question))
    return len(re.sub(r"[^0-9A-Za-zぁ-んァ-ヶ一-龠]", "", rest)) <= 1


def rank_turn(
    turn: Analysed, context: Context, ranker: Ranker, analyser: Analyser, knowledge: KnowledgeBase
) -> Ranking:
    """The ranking of a turn that follows `context`.

    A turn that only asks a side stays with the topic. Any other is ranked by itself and behind the title of the
    last topic, less what the title says alone; neighbours of the topic are preferred.
    """
    topic = knowledge.topics.get(context.topic or "")
    if topic is None:
        return ranker.rank(turn)
    question = turn.original
    if changes_subject(question):
        return ranker.rank(analyser.analyse(subject_of(question)))
    contrast = bool(_CONTRAST.search(question))
    if _BACK.search(question) and context.previous in knowledge.topics:
        return Ranking(topics={str(context.previous): 1.0}, nearest=1.0)
    near = (*topic.related, *(c.topic for c in topic.confused_with))
    alone = ranker.rank(turn)
    if not contrast and _stays(question, alone):
        side = max(cues, key=lambda facet: cues[facet]) if (cues := facets.cue_scores(question)) else Facet.OVERVIEW
        return Ranking(topics={topic.elsewhere.get(side, topic.id): 1.0}, nearest=1.0)
    sure = next(iter(alone.topics.values()), 0.0)
    stay = -CONTRAST if contrast else STAY * (1 - sure)
    bonus = dict.fromkeys(near, NEAR_CONTRAST if contrast else NEAR) | {topic.id: stay}
    joined = analyser.analyse(f"{topic.title} {question}")
    parts = [
        (turn, 1.0),
        (joined, JOINED),
        (analyser.analyse_lasting(topic.title), -TITLE),
    ]
    return ranker.mix(parts, bonus, broad=BROAD, outside=OUTSIDE)


def _stays(question: str, alone: Ranking) -> bool:
    """Whether the turn asks a side of the topic at hand, rather than about a matter of its own."""
    if only_asks_a_side(question) and _PAID.search(question):
        return True
    own_matter = max(next(iter(alone.topics.values()), 0.0), next(iter(alone.outside.values()), 0.0))
    if only_asks_a_side(question) or _POINTS.search(question) or _ME_TOO.search(question):
        return own_matter < CERTAIN
    asks = bool(facets.cue_scores(question)) or facets.recognise_role(question) is not None
    return own_matter < VAGUE and (len(question) <= TINY or (asks and len(question) <= SHORT))
