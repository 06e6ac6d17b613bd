"""Recognise which side of a topic is asked about, and who asks."""

import re
from collections.abc import Mapping

from asaka_bot.knowledge.model import Facet, Role

TITLES: Mapping[Facet, str] = {
    Facet.OVERVIEW: "どんな制度か",
    Facet.ELIGIBILITY: "対象になる人・条件",
    Facet.DURATION: "期間・日数・時間",
    Facet.PAY: "給与・お金",
    Facet.PROCEDURE: "手続・申請",
    Facet.CONTACT: "相談先",
    Facet.MANAGER: "所属長・管理職員がすること",
    Facet.BASIS: "根拠（法令・計画）",
    Facet.STATUS: "いまの状況・目標・実績",
}
BUTTONS: Mapping[Facet, str] = {
    Facet.OVERVIEW: "どんな制度？",
    Facet.ELIGIBILITY: "対象は？",
    Facet.DURATION: "期間・日数は？",
    Facet.PAY: "給与は？",
    Facet.PROCEDURE: "手続は？",
    Facet.CONTACT: "相談先は？",
    Facet.MANAGER: "所属長がすること",
    Facet.BASIS: "根拠は？",
    Facet.STATUS: "いまの状況は？",
}

# Words of a question that point to one facet whatever the topic; the weight is added to the learned score.
_CUES: tuple[tuple[Facet, float, str], ...] = (
    (
        Facet.BASIS,
        0.3,
        r"根拠|(?:何|なん)(?:の)?法|どの法|法律の?(?:何|どこ)|条文|第?何条|計画の(?:どこ|何ページ|どの)|どこに(?:書|載)|書いてある(?:箇所|ところ|場所)|どの(?:条例|規則|指針|規程|計画|文書)|(?:何|なに)(?:で|に(?:よって)?)(?:決め|決ま|定め|載っ|書か|基づ)|明記|出典|裏付け|何ページ|(?:なん|何)という法律|(?:誰|何)に命じ",
    ),
    (
        Facet.PROCEDURE,
        0.225,
        r"手続|手順|申請(?!期間)|申し?込|(?:出|だ)し方|届(?:は|を|って|け出)|様式|用紙|書式|(?:必要|添付)?書類|請求(?:書|の|は|先|する(?:に|ときは))|どこに(?:出|提出|だ)|許可は|(?:誰|だれ)(?:に|へ)(?:出|提出|言|伝|申)|提出|診断書|証明(?:書|する)|(?:何日|いつ|何か月|何週間?)前(?:まで)?に|いつまでに(?:出|言|申|請求|提出|届)|やり方|(?:頼み|入れ|書き|直し)方|何を(?:書|出|添え|用意|持って)|(?:どの|何の|なんの)紙|紙(?:は|も|って|を(?:書|出))|どんな形で|どう(?:やって|すれば)(?:取|使|申|も)",
    ),
    (
        Facet.CONTACT,
        0.225,
        r"相談先|窓口(?:は|って|を|どこ)|連絡先|電話番号|内線|(?:どこ|誰|だれ|どなた)(?:に|へ)(?:聞|き[けいく]|相談|問い合わせ|話|連絡)|問い合わせ先|担当(?:課|は|者)|相談は|相談員|相談(?:でき|する|したい)|(?:どこ|どちら|どの|何|なに)(?:の)?課|どちらの担当|所管|宛先",
    ),
    (
        Facet.MANAGER,
        0.225,
        r"(?:所属長|課長|管理職|上司)(?:は|の私|の場合)\??$|(?:所属長|課長|管理職|上司|係長|園長|所長|主幹)(?:は|が|の私が|の|として|である|には)?(?:何を|やること|どう|やる|する|すべき|しなけれ|役割|責任|対応|立場|務め|心得|仕事)|(?:所属長|課長|管理職)(?:として|です|ですが|の立場)|部下(?:が|に|の|を|から)|(?:係員|職員|うちの若手)から(?:相談|申し?出|請求)",
    ),
    (
        Facet.DURATION,
        0.2,
        r"何日|なんにち|何時間|何分|何回|何度|何か月|何カ月|何ヶ月|何年(?:間|(?:取|休|まで))|何週|いつから(?:取|休|入)|いつまで(?!に(?:出|申|請|提|届))|期間|日数|期限はいつ|単位|分割|延長|上限|まとめて|半日|時間単位|いつ(?:ある|なの|だっけ|です|やる)|数え方|頻度|時間帯|(?:いちばん|一番)(?:遅|早|長|短)|最(?:長|短)|ペース|何日前",
    ),
    (
        Facet.PAY,
        0.25,
        r"給料|給与|有給(?:です|でしょ|で(?:取れ|休め|もらえ)|な[のん]|か(?!ら)|扱|に(?:な|して)|それとも)|(?:は|も|が|って|、| )有給\??$|無給|お?金(?:は|って|が|の)|手当|減額|減り?ますか|引かれ|ボーナス|賞与|期末|勤勉|収入|掛金|いくら|昇給|退職金|手取り|もらえるお金|賃金|時給",
    ),
    (
        Facet.STATUS,
        0.225,
        r"目標|実績|達成|数値|どのくらい(?:い|あ)|どうなった|どうなって(?:る|い)|いつから始|(?:何|なん)(?:%|パーセント|割|人)|割合|いま(?:どう|どこまで)|今(?:は)?どう|もう(?:始ま|でき|使え|作)|始まって|検討中|(?:いつ|何年度?)から(?:始|開|導入|実施|でき)|いつ始ま|導入時期|進み具合|進捗|結果(?:は|を|って)|新しく|まだ(?:です|ある|使|やって|生きて)|今も(?:ある|使|続|でき|\?)|いまも(?:ある|使)|いつでき|最近(?:の話|でき|始)|今年度?から|新設|新規|もう動|動いて(?:る|い)|できたの|平均|(?<!効)率(?:は|って|の|$)|(?:全部|ぜんぶ|一覧|まとめて)(?:教|見|知|並|なら|で)",
    ),
    (
        Facet.ELIGIBILITY,
        0.175,
        r"対象|(?:でも|だけど|ですが|にも)(?:使え|取れ|もらえ|いい|大丈夫|受け|可)|(?:使え|取れ|受けられ|もらえ)(?:ます|る)(?:の|か|でしょう|ん)|条件|資格|要件|(?:男|女|父親?|パート|会計年度|臨時|再任用|現業|出先|非常勤|義母|義父|祖母|祖父|夫|妻|パパ|ママ)(?:の人|職員)?(?:で)?も|(?:会計年度|パート|臨時|再任用|非常勤)(?:任用職員)?(?:の人|職員)?(?:は|だと|なら)|誰でも|だれでも|何年生|何年目|何歳(?:の子)?まで|歳まで|入りますか|含まれ|当ては?ま|関係(?:ある|ない|あり)|の(?:身|立場)(?:でも?|だと|は)|私は\?|(?:て|で)も?いい(?:の|ん|です|もの|か|\?)|(?:使|取|休|出)っていい|(?:誰|だれ)が(?:受|使|取|対象)",
    ),
    (
        Facet.OVERVIEW,
        0.15,
        r"(?:って|とは)(?:何|なん|なに|どんな|どういう)|どんな(?:制度|もの|休|こと|計画|内容|仕組|休暇)|どういう|違い|(?:どう|何が|なにが)(?:違|ちが)|概要|内容|これは何|(?:何|なに)(?:ですか|だっけ|でしたっけ|のこと)|ありますか|あるの|ある\?|教えて$|について$|当たり?ますか|ですよね|これって|入るの",
    ),
)
_OVERVIEW_HANDICAP = 0.08  # phrases that ask no side teach it as well, so that it wins too often
_PATTERNS = tuple((facet, weight, re.compile(pattern)) for facet, weight, pattern in _CUES)

_ROLES: tuple[tuple[Role, re.Pattern[str]], ...] = (
    (Role.PREFECTURAL, re.compile(r"県費|県費負担|(?:小学校|中学校|学校)の(?:先生|教員|教諭)|教諭|県の教員")),
    (
        Role.FIXED_TERM,
        re.compile(
            r"会計年度|非常勤|臨時職員|臨時の|パート|アルバイト(?:職員|の(?:私|人))|フルタイム会計|任期付|月給制会計"
        ),
    ),
    (
        Role.MANAGER,
        re.compile(
            r"部下|(?:所属長|課長|管理職|係長|園長|所長|館長|主幹)(?:です|として|の(?:立場|私)|をして|になり|ですが|だが|なんですが)|係員(?:が|に|の|から)|うちの職員|職員から(?:相談|請求|申)"
        ),
    ),
    (Role.FIELD, re.compile(r"現業|清掃(?:員|職|の)|給食(?:の)?調理|調理員|用務員|技能労務")),
)

_SENTENCE_END = re.compile(r"(?<=[。!?！？…])")
_ASKS = re.compile(
    r"[?？]|(?:か|かな|かね|の|でしょう|っけ|いくつ|いくら|どこ|いつ|誰|は|教えて|(?:知り|聞き)たい|ほしい|ください)(?:です)?[。.…]*$"
)
_LONG = 45  # characters: in a longer text the sentence that asks tells which side is asked about


def asking_sentence(text: str) -> str:
    """The last sentence of a long text that asks something, or else the last; a short text itself."""
    sentences = [part.strip() for part in _SENTENCE_END.split(text) if len(part.strip()) > 3]
    if len(text) < _LONG or len(sentences) < 2:
        return text
    return next((part for part in reversed(sentences) if _ASKS.search(part)), sentences[-1])


def cue_scores(question: str) -> dict[Facet, float]:
    """How strongly the wording of `question` points to each facet; only facets that are pointed to."""
    found: dict[Facet, float] = {}
    for facet, weight, pattern in _PATTERNS:
        if pattern.search(question):
            found[facet] = weight
    return found


def recognise(question: str, learned: Mapping[Facet, float]) -> Facet | None:
    """The facet that is asked about, from the wording of the last sentence and the learned scores; None if neither says."""
    scores = dict(learned)
    for facet, weight in cue_scores(question).items():
        scores[facet] = scores.get(facet, 0.0) + weight
    if Facet.OVERVIEW in scores:
        scores[Facet.OVERVIEW] -= _OVERVIEW_HANDICAP
    best = max(scores, key=lambda facet: scores[facet], default=None)
    return best if best is not None and scores[best] >= 0.25 else None


def recognise_role(question: str) -> Role | None:
    """Who asks, where the wording says so."""
    return next((role for role, pattern in _ROLES if pattern.search(question)), None)
