"""Another city's questions and answers, one text each and no phrases, are enough to start and to answer."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from asaka_bot.answering.answer import Engine
from asaka_bot.knowledge import files
from asaka_bot.messages import Decision, plain_text
from tests.conftest import CACHE

ENTRIES = [
    ("住民票の写しはどこで取れますか", "市民課の窓口か、コンビニの複合機で取れます。"),
    ("粗大ごみの出し方を教えてください", "受付センターに電話で申し込み、処理券を貼って出してください。"),
    ("図書館の開館時間は何時までですか", "平日は午後7時まで開いています。"),
    ("印鑑登録に必要なものは何ですか", "登録する印鑑と本人確認書類をお持ちください。"),
    ("保育所の入所申込みの締切はいつですか", "4月入所は前年の11月末が締切です。"),
    ("市営プールの利用料金はいくらですか", "大人は1回400円、子どもは200円です。"),
    ("犬を飼い始めたときの手続は", "30日以内に登録し、狂犬病の予防注射を受けさせてください。"),
    ("水道が漏れているときはどこに連絡しますか", "水道部の修繕受付に連絡してください。"),
    ("国民健康保険に入る手続を知りたい", "会社をやめた日から14日以内に届け出てください。"),
    ("介護保険の認定はどう申し込みますか", "介護保険課か地域包括支援センターで申し込めます。"),
    ("市民税の納期限を教えてください", "6月、8月、10月、1月の末日です。"),
    ("マイナンバーカードの受け取り方は", "予約のうえ本人が窓口へお越しください。"),
    ("防災無線の内容を聞き直したい", "テレホンサービスで24時間聞けます。"),
    ("駐輪場の定期利用を申し込みたい", "駅前の管理室で月単位で申し込めます。"),
    ("結婚した時の婚姻届の出し方", "24時間、夜間受付でも預かります。"),
    ("成人式の日程はいつですか", "1月の第2月曜日に市民会館で開きます。"),
    ("市長への手紙の送り方は", "ホームページの専用フォームか郵送で送れます。"),
    ("野良猫の不妊手術の補助はありますか", "1頭あたり5千円まで補助します。"),
    ("空き家の相談窓口はどこですか", "建築課に空き家相談の窓口があります。"),
    ("コミュニティバスの時刻表が欲しい", "市役所と各公民館で配っています。"),
    ("選挙の期日前投票はどこでできますか", "市役所1階と出張所でできます。"),
    ("児童手当の額はいくらですか", "3歳未満は月1万5千円です。"),
    ("道路に穴が開いているのを見つけました", "道路課に場所を知らせてください。"),
    ("パスポートの申請はできますか", "2階の旅券窓口で平日に申請できます。"),
    ("熱中症を避けるための休憩場所は", "公民館と図書館を涼みどころとして開けています。"),
    ("就学援助を受けるには", "学校か教育委員会に申請書を出してください。"),
    ("農地を売りたいときの許可は", "農業委員会に申請してください。"),
    ("屋外広告の看板を出したい", "まちづくり課の許可が要ります。"),
    ("男女共同参画センターの部屋を借りたい", "2か月前の1日から予約できます。"),
    ("がん検診の申込方法", "受診券が届いたら医療機関に直接予約してください。"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("minimal")
    head = "category: {id: faq, title: よくある質問}\ncertainty: city\nsources: [{id: faq, label: 市のよくある質問}]\ntopics:\n"
    entries = "".join(f"  - {{id: q{n}, title: {q}, text: {a}}}\n" for n, (q, a) in enumerate(ENTRIES))
    (place / "faq.yaml").write_text(head + entries, encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def with_encoders(folder, tmp_path_factory, engine) -> Engine:  # noqa: ARG001 - which knows the vectors of the signs of danger
    cache = tmp_path_factory.mktemp("cache")
    for vectors in CACHE.glob("vectors-texts-*.npz"):
        shutil.copy(vectors, cache)
    return Engine(files.load(folder), cache=cache)


@pytest.fixture(scope="module")
def without_encoders(folder) -> Engine:
    return Engine(files.load(folder), encoders=[])


@pytest.fixture(scope="module", params=["with_encoders", "without_encoders"])
def minimal(request) -> Engine:
    return request.getfixturevalue(request.param)


def test_every_entry_is_found_by_its_question(minimal, now):
    """Each question as written leads to its own answer."""
    first = [minimal.reply(question, now=now)[0].ranked[:1] for question, _ in ENTRIES]
    assert first == [(f"q{n}",) for n in range(len(ENTRIES))]


def test_the_answer_is_the_text_with_its_source(minimal, now):
    """The text of the entry is shown as it stands, with the source of the file."""
    reply, _ = minimal.reply("粗大ごみの出し方を教えてください", now=now)
    assert reply.decision is Decision.ANSWER
    assert "処理券を貼って出してください。" in plain_text(reply)
    assert [s.label for s in reply.sources] == ["市のよくある質問"]


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("粗大ごみ 出し方", "q1"),
        ("図書館は何時まで", "q2"),
        ("期日前投票の場所", "q20"),
        ("児童手当はいくら", "q21"),
        ("婚姻届", "q14"),
    ],
)
def test_other_wording_is_found(minimal, now, question, topic):
    """Keywords and shorter wording lead to the same entry."""
    reply, _ = minimal.reply(question, now=now)
    assert topic in reply.ranked[:3]


def test_most_paraphrases_are_found_with_an_encoder(with_encoders, now):
    """Wording without the words of the entry is found by its meaning."""
    asked = {
        "大型家具を捨てたい": "q1",
        "ペットの犬を登録するには": "q6",
        "蛇口から水が止まらない": "q7",
        "旅券を作りたい": "q23",
    }
    right = sum(topic in with_encoders.reply(question, now=now)[0].ranked[:3] for question, topic in asked.items())
    assert right >= 3


@pytest.mark.parametrize("cry", ["もう死にたいです", "夫に殴られています"])
def test_danger_is_still_recognised(minimal, now, cry):
    """The borrowed signs of danger work with any knowledge base."""
    reply, _ = minimal.reply(cry, now=now)
    assert reply.decision is Decision.URGENT
    assert reply.urgent[0].dial == ("119", "110")


@pytest.mark.parametrize("question", ["粗大ごみの出し方を教えてください", "がん検診の申込方法"])
def test_everyday_questions_are_no_alarm(minimal, now, question):
    """Without phrases to compare with, everyday questions still raise no alarm."""
    assert minimal.reply(question, now=now)[0].decision is not Decision.URGENT


@pytest.mark.parametrize("typed", ["", "???", "あ" * 100_000])
def test_empty_and_giant_input(minimal, now, typed):
    """What asks nothing gets a reply all the same."""
    assert minimal.reply(typed, now=now)[0].lead


class FastLetters:
    """An encoder that counts how often it is asked for a single text."""

    name = "fast"

    def __init__(self) -> None:
        self.asked = 0

    def encode(self, sentences):
        """A vector by the letters alone."""
        self.asked += len(sentences) == 1
        rows = np.array([[s.count(c) + 0.01 for c in "のをがは?犬水税車"] for s in sentences], np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


class SlowLetters(FastLetters):
    """Another one."""

    name = "slow"


def test_the_slow_encoder_is_asked_only_where_the_fast_signals_leave_it_open(folder, now):
    """A question as written is clear without it; one that fits nothing in particular is not."""
    slow = SlowLetters()
    engine = Engine(files.load(folder), encoders=[FastLetters(), slow])
    slow.asked = 0
    engine.reply(ENTRIES[1][0], now=now)
    assert slow.asked == 0
    engine.reply("申し込みはどこですか", now=now)
    assert slow.asked == 1
