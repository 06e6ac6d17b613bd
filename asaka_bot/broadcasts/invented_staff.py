"""Invented people of an invented city hall, for trying things out; no family name among them is one of an official."""

from collections.abc import Iterator
from random import Random

from asaka_bot.broadcasts.staff import Employment, Office, Person

# 49 課 in 11 部, as a city of 140,000 has them.
_TREE = {
    "市長公室": "秘書課 シティ・プロモーション課 政策企画課 人権庶務課",
    "総務部": "職員課 財政課 財産管理課 契約検査課 デジタル推進課 入札契約課",
    "危機管理室": "危機管理課 防災課",
    "市民環境部": "課税課 収納課 総合窓口課 保険年金課 産業振興課 環境推進課 資源リサイクル課 地域づくり支援課",
    "福祉部": "福祉相談課 生活援護課 障害福祉課 長寿はつらつ課 介護保険課",
    "こども・健康部": "こども未来課 保育課 こども家庭課 健康づくり課 育成支援課",
    "都市建設部": "まちづくり推進課 開発建築課 みどり公園課 道路整備課 交通政策課 建築管理課",
    "上下水道部": "水道経営課 水道施設課 下水道課",
    "学校教育部": "教育管理課 教育指導課 学校給食課 学校施設課",
    "生涯学習部": "生涯学習・スポーツ課 文化財課 図書館 中央公民館",
    "会計・議会・行政委員会": "会計課 議会総務課",
}
_SECTIONS = ("庶務係", "管理係", "推進係")
_FAMILY = (
    "見本山 例田 架空橋 試川 仮野 霞森 朝凪野 雛形 想原 夢沢 空見里 星影山 青葉台 若草野 春霞 夏雲井 秋晴山 冬木立 "
    "月見坂 花筏 風待 雪灯 虹ヶ原 波音 木漏日 陽溜 露草 山彦 小径 野分 夕映 朝霧坂 白波瀬川 緑陰 水無瀬原 茜空 霧笛 綿雲 若竹野 里桜"
)
_GIVEN = (
    "葵 蓮 陽菜 湊 凛 樹 結衣 大和 咲良 悠真 美月 蒼 杏 律 千尋 光 花 誠 恵 薫 直樹 由美 健一 裕子 翔太 真理 亮 麻衣 拓也 彩 "
    "浩 久美子 哲也 智子 隆 明美 修 和子 進 幸子"
)
MOST_PEOPLE = len(_FAMILY.split()) * len(_GIVEN.split())
_HALLS = ("図書館", "中央公民館")
_PLACES = {"図書館": "図書館", "中央公民館": "中央公民館", "学校給食課": "学校給食センター", "保育課": "保育園"}
_FIRST_NUMBER = 10_001


def invented_staff(count: int, seed: int = 0) -> tuple[Person, ...]:
    """`count` people over all 49 課, the same for the same seed. Raises `ValueError` for more than `MOST_PEOPLE`."""
    chance = Random(seed)  # noqa: S311 - nothing secret depends on it
    names = [f"{family} {given}" for family in _FAMILY.split() for given in _GIVEN.split()]
    if count > MOST_PEOPLE:
        raise ValueError(f"at most {MOST_PEOPLE} people")
    chance.shuffle(names)
    posts = list(_leading())[:count]
    offices = list(_sections())
    while len(posts) < count:
        posts.append((offices[len(posts) % len(offices)], chance.choices(*_TITLES)[0]))
    return tuple(
        _person(place, name, *post, chance) for place, (name, post) in enumerate(zip(names, posts, strict=False))
    )


_TITLES = (("", "主事", "主任", "主査", "主任保育士", "専門員"), (34, 30, 20, 10, 3, 3))


def _leading() -> Iterator[tuple[Office, str]]:
    """The posts that exist once an office; those of 課 first, so that even few people cover all of them."""
    sections = [(branch, section) for branch, names in _TREE.items() for section in names.split()]
    for branch, section in sections:
        yield (branch, section), "館長" if section in _HALLS else "課長"
    for branch in _TREE:
        yield (branch,), "室長" if branch.endswith("室") else "部長"
    for branch, section in sections:
        yield (branch, section), "課長補佐"
    for office in _sections():
        yield office, "係長"


def _sections() -> Iterator[Office]:
    for branch, names in _TREE.items():
        for section in names.split():
            for unit in _SECTIONS[: 1 + len(section) % len(_SECTIONS)]:
                yield (branch, section, unit)


def _person(place: int, name: str, office: Office, title: str, chance: Random) -> Person:
    employment = Employment.REGULAR
    if title == "":
        employment = chance.choices((Employment.FIXED_TERM, Employment.REGULAR), (4, 1))[0]
    elif title in ("主事", "主査"):
        employment = chance.choices((Employment.REGULAR, Employment.REAPPOINTED, Employment.LIMITED), (17, 2, 1))[0]
    number = str(_FIRST_NUMBER + place)
    has_email = employment is not Employment.FIXED_TERM or chance.random() < 0.8
    return Person(
        staff_id=number,
        name=name,
        office=office,
        title=title,
        employment=employment,
        email=f"s{number}@city-asaka.example" if has_email else "",
        workplace=_PLACES.get(office[-1] if len(office) < 3 else office[1], "本庁舎"),
    )
