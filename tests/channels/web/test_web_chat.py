"""The web chat over the real engine, without a browser."""

import re
from datetime import date, datetime, timedelta
from html import unescape

import pytest
from icalendar import Calendar
from starlette.applications import Starlette
from starlette.testclient import TestClient

from asaka_bot.answering.conversation import Context
from asaka_bot.channels.answers import AnswerService
from asaka_bot.channels.web.calendar_file import Given, calendar_file, given_of
from asaka_bot.channels.web.context_token import ContextTokens
from asaka_bot.channels.web.inbound import MOST_CHARACTERS, routes
from asaka_bot.channels.web.render import mail_link, urgent_view
from asaka_bot.knowledge.model import Contact, Facet, Role
from asaka_bot.messages import UrgentLine
from asaka_bot.tokyo import now_in_tokyo
from tests.fakes.feedback import MemoryFeedback, offered
from tests.fakes.web_inbox import MemoryInbox

SECRET = "for tests only"  # noqa: S105 - signs nothing real
FRAGMENT = {"X-Fragment": "1"}


@pytest.fixture
def votes() -> MemoryFeedback:
    return MemoryFeedback()


@pytest.fixture
def client(service: AnswerService, votes: MemoryFeedback) -> TestClient:
    return TestClient(Starlette(routes=routes(service, votes, MemoryInbox(), SECRET)))


def token_in(html: str) -> str:
    return re.search(r'name="context" value="([^"]+)"', html)[1]


def test_first_screen_lists_every_topic(client, service):
    """The menu offers every topic of the knowledge base, and says that nothing is kept."""
    html = client.get("/").text
    assert all(f'value="{topic}"' in html for topic in service.knowledge.topics)
    assert "質問の内容は保存しません" in html
    assert 'href="/dates"' in html
    assert 'href="/hr-desk"' in html


def test_answer_shows_question_badges_sources_and_feedback(client):
    """An answer comes as a full page with its question, badges, sources and the feedback form."""
    html = client.post("/ask", data={"question": "育休はいつまで取れますか"}).text
    assert html.startswith("<!doctype html>")
    assert "育休はいつまで取れますか" in html
    assert "badge-law" in html
    assert re.search(r"出典（\d+件）", html)
    assert 'rel="noopener noreferrer" target="_blank"' in html
    assert "この答えは役に立ちましたか" in html


def test_fragment_is_the_turn_alone(client):
    """With X-Fragment the answer is one article, with the next context in it."""
    html = client.post("/ask", data={"question": "年休は何日ありますか"}, headers=FRAGMENT).text
    assert html.lstrip().startswith("<article")
    assert "<html" not in html
    assert re.search(r'data-context="[^"]{20,}"', html)


@pytest.mark.parametrize("path", ["/", "/topics/childcare-leave", "/dates", "/hr-desk", "/blank"])
def test_pages_are_not_kept_by_browsers(client, path):
    """No page may come back from a cache, and none sets a cookie or holds inline script or style."""
    response = client.get(path)
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    assert "set-cookie" not in response.headers
    assert " style=" not in response.text
    assert "<style" not in response.text
    assert not re.search(r"<script(?! src)", response.text)


def test_user_text_is_escaped(client):
    """Markup in a question stays text wherever it is shown."""
    html = client.post("/ask", data={"question": '<script>alert(1)</script>"育休'}).text
    assert "<script>alert" not in html
    assert "&lt;script&gt;" in html


def test_long_question_is_cut_with_a_note(client):
    """A question beyond the limit is answered from its beginning, and the page says so."""
    html = client.post("/ask", data={"question": "育休はいつまでですか。" + "あ" * 2_000}).text
    assert "1,000文字" in html
    assert "あ" * MOST_CHARACTERS not in html


def test_empty_question_asks_for_one(client):
    """An empty form gets a kind hint, not an error."""
    response = client.post("/ask", data={})
    assert response.status_code == 200
    assert "文字で入力してください" in response.text


def test_follow_up_uses_the_context(client):
    """「給料は？」 after a topic is about that topic."""
    first = client.post("/ask", data={"question": "介護休暇は何日ですか"}).text
    second = client.post("/ask", data={"question": "給料は？", "context": token_in(first)}).text
    assert '<h2 class="reply-title" tabindex="-1">介護休暇</h2>' in second


def test_broken_token_is_ignored(client):
    """A damaged token neither fails nor counts."""
    response = client.post("/ask", data={"question": "育休はいつまで？", "context": "broken.token.x"})
    assert response.status_code == 200
    assert ">育児休業</h2>" in response.text


def test_token_carries_the_context_until_it_expires():
    """A token gives back its context for ten minutes, and nothing to another secret."""
    now = now_in_tokyo()
    context = Context(topic="care-leave", facet=Facet.PAY, role=Role.MANAGER, at=now)
    token = ContextTokens(SECRET).write(context)
    assert ContextTokens(SECRET).read(token, now) == context
    assert ContextTokens(SECRET).read(token, now + timedelta(minutes=11)) is None
    assert ContextTokens("another").read(token, now) is None


def test_role_is_remembered_and_can_be_taken_back(client):
    """The role chosen stays in the next page; emptying the field forgets it."""
    first = client.post("/ask", data={"question": "育休はいつまで？", "role": "fixed-term"}).text
    assert '<option value="fixed-term" selected>' in first
    again = {"question": "給料は？", "role": "", "context": token_in(first)}
    assert "selected" not in client.post("/ask", data=again).text


def test_choices_are_buttons_that_show_topics(client):
    """A counter-question offers buttons, and a button shows its topic and facet."""
    html = client.post("/ask", data={"question": "休みたい"}).text
    topic = re.search(r'name="topic" value="([^"]+)"', html)[1]
    shown = client.post("/show", data={"topic": topic, "facet": "procedure", "context": token_in(html)})
    assert shown.status_code == 200
    assert "reply-answer" in shown.text


def test_unknown_topic_is_a_kind_404(client):
    """A topic that has gone is said to be gone, with the way back."""
    for response in (client.get("/topics/no-such-topic"), client.post("/show", data={"topic": "x"})):
        assert response.status_code == 404
        assert "最初の画面に戻る" in response.text


def test_unknown_facet_and_role_are_ignored(client):
    """Values that no button sends do no harm."""
    assert client.get("/topics/childcare-leave?facet=nonsense").status_code == 200
    assert client.post("/ask", data={"question": "育休", "role": "king"}).status_code == 200


@pytest.mark.parametrize("path", ["/ask", "/show", "/feedback"])
def test_reloading_a_form_address_leads_home(client, path):
    """Whoever opens the address of a form comes to the first screen."""
    response = client.get(path, follow_redirects=False)
    assert (response.status_code, response.headers["location"]) == (303, "/")


def test_urgent_reply_has_telephone_links_and_no_feedback(client):
    """Signs of danger bring numbers to press, the exit, and no form to judge the answer."""
    html = client.post("/ask", data={"question": "もう死にたいです"}).text
    assert 'href="tel:119"' in html
    assert 'href="tel:110"' in html
    assert 'href="tel:0120279338"' in html
    assert 'action="/feedback"' not in html
    assert 'id="exit" aria-label="画面をすぐに閉じる">' in html


def test_hash_numbers_can_be_dialled():
    """The # of #9110 is escaped, so that it is dialled and not read as a fragment; two numbers make two links."""
    line = UrgentLine(title="警察／支援センター", number="#8103／#8891", hours="24時間", dial=("#8103", "#8891"))
    assert [(c.title, c.href) for c in urgent_view(line).calls] == [
        ("警察", "tel:%238103"),
        ("支援センター", "tel:%238891"),
    ]


def test_sensitive_page_offers_the_exit_and_keeps_its_title_neutral(client):
    """On a sensitive matter the page title tells nothing, and the exit is there without JavaScript."""
    html = client.post("/ask", data={"question": "パワハラを受けています"}).text
    assert "<title>お答え｜Asaka Bot</title>" in html
    assert 'id="exit" aria-label="画面をすぐに閉じる">' in html
    assert 'id="exit" aria-label="画面をすぐに閉じる" hidden>' in client.get("/").text


def test_sensitive_question_is_in_no_hidden_field(client):
    """The text of a sensitive question stands on the screen only."""
    html = client.post("/ask", data={"question": "パワハラを受けています"}).text
    assert 'name="question" value=' not in html


def test_vote_carries_the_question(client, votes):
    """A vote on an ordinary topic is recorded with the question, if the person did not forbid it."""
    vote = {"topic": "childcare-leave", "facet": "pay", "helpful": "yes", "question": "育休の給料は？"}
    assert "ありがとうございます" in client.post("/feedback", data=vote).text
    client.post("/feedback", data=vote | {"helpful": "no", "without_question": "1"}, headers=FRAGMENT)
    said = {"topic": "childcare-leave", "facet": "pay"}
    assert votes.votes == [
        said | {"helpful": True, "question": "育休の給料は？"},
        said | {"helpful": False, "question": None},
    ]


def test_a_page_votes_once(client, votes):
    """However often a form is sent, at once or later, its vote counts once; another answer has a vote of its own."""
    forms = [offered(client.post("/ask", data={"question": "年休は1年に何日ありますか"}).text) for _ in range(2)]
    for form in (*forms * 3, forms[0]):
        thanked = client.post("/feedback", data=form | {"helpful": "no"})
        assert "ありがとうございます" in thanked.text
    assert [vote["topic"] for vote in votes.votes] == ["annual-leave"] * 2


def test_vote_on_a_sensitive_topic_never_carries_the_question(client, votes):
    """Even if a page sent the text, it goes no further."""
    vote = {"topic": "harassment-consultation", "helpful": "no", "question": "課長に叩かれた"}
    client.post("/feedback", data=vote)
    kept = {"topic": "harassment-consultation", "facet": None, "helpful": False, "question": None}
    assert votes.votes == [kept]


def test_vote_on_nothing_is_not_recorded(client, votes):
    """Unknown topics and votes that are neither yes nor no are dropped."""
    client.post("/feedback", data={"topic": "x", "helpful": "yes"})
    client.post("/feedback", data={"topic": "childcare-leave", "helpful": "maybe"})
    assert votes.votes == []


def test_birth_date_in_a_question_is_not_offered_as_feedback(client):
    """The reply promises not to keep the date, so the question does not go along with a vote."""
    html = client.post("/ask", data={"question": "令和8年5月10日生まれの子の育休はいつまで？"}).text
    feedback = html[html.index('action="/feedback"') :]
    assert "<table" in html
    assert 'name="question" value=' not in feedback[: feedback.index("</form>")]


@pytest.mark.parametrize(
    "form", [{"due": "令和9年3月10日"}, {"due": "2027-03-10", "multiple": "1"}, {"birth": "2026/5/10"}]
)
def test_dates_page_computes_a_table(client, form):
    """Japanese and ISO dates give a table with a caption and a download."""
    response = client.post("/dates", data=form)
    assert response.status_code == 200
    assert "<caption>" in response.text
    assert 'action="/dates.ics"' in response.text


@pytest.mark.parametrize(
    ("form", "field", "said"),
    [
        ({"due": "2月30日"}, "due", "という日はありません"),
        ({"birth": "きのう"}, "birth", "読み取れません"),
        ({"due": "1999-01-01"}, "due", "範囲"),
        ({}, "due", "どちらかを入力"),
    ],
)
def test_date_errors_stand_at_their_field(client, form, field, said):
    """A wrong date is explained at its field, and what was typed is kept."""
    response = client.post("/dates", data=form)
    html = unescape(response.text)
    assert response.status_code == 422
    assert said in html[html.index(f'id="{field}-error"') :].split("</p>")[0]
    assert f'aria-describedby="{field}-error {field}-hint" aria-invalid="true"' in html
    assert all(f'value="{typed}"' in html for typed in form.values())


def test_download_is_a_calendar_with_stable_uids(client):
    """The same day gives the same UIDs; every date is there, private, with an exclusive end."""
    first, second = (client.post("/dates.ics", data={"due": "2027-03-10"}) for _ in range(2))
    assert first.headers["content-type"].startswith("text/calendar")
    events = Calendar.from_ical(first.content).walk("VEVENT")
    assert [e["uid"] for e in events] == [e["uid"] for e in Calendar.from_ical(second.content).walk("VEVENT")]
    assert len({e["uid"] for e in events}) == len(events) == 10
    leave = next(e for e in events if e["uid"].startswith("prenatal-leave-start"))
    assert (leave.decoded("dtstart"), leave.decoded("dtend")) == (date(2027, 1, 28), date(2027, 1, 29))
    assert leave["class"] == "PRIVATE"


def test_download_with_a_wrong_date_shows_the_form(client):
    """A wrong date gives the form with its error, no broken file."""
    assert client.post("/dates.ics", data={"due": "2027-02-30"}).status_code == 422


@pytest.mark.parametrize(
    "given", [Given(due=date(2027, 3, 10)), Given(due=date(2027, 3, 10), multiple=True), Given(birth=date(2024, 2, 29))]
)
def test_rows_tell_what_they_were_computed_from(given):
    """The day given is found again from the rows of a reply."""
    assert given_of(given.rows()) == given
    assert given_of(given.rows()[:3]) is None
    assert calendar_file(given, datetime(2026, 11, 23, tzinfo=now_in_tokyo().tzinfo))


def test_desk_page_prepares_a_letter(client):
    """The question stands in the letter, the desk that was named comes first, and nothing is sent."""
    form = {"question": "育休の手続は？", "topic": "childcare-leave", "desk": "kyosai"}
    html = client.post("/hr-desk", data=form).text
    assert "育休の手続は？" in html
    assert html.index("共済の担当") < html.index("ハラスメント相談担当")
    assert "自動で送ることはありません" in html


def test_desk_page_leaves_the_letter_empty_for_sensitive_topics(client):
    """On a sensitive topic the person chooses every word."""
    form = {"question": "課長に叩かれた", "topic": "harassment-consultation"}
    assert "課長に叩かれた" not in client.post("/hr-desk", data=form).text


def test_mail_link_fills_in_the_letter():
    """A contact with an address gets a mailto link with CRLF lines, one without gets none."""
    contact = Contact(id="x", title="職員課", section="総務部", purpose="相談", mail="hr@example.jp")
    assert mail_link(contact, "一行\n二行").startswith("mailto:hr@example.jp?subject=")
    assert "%0D%0A" in mail_link(contact, "一行\n二行")
    assert mail_link(Contact(id="x", title="職員課", section="総務部", purpose="相談"), "") is None


def test_neutral_page_says_nothing(client):
    """The page one flees to names neither the bot nor the matter."""
    html = client.get("/blank").text
    assert "<title>予定表</title>" in html
    assert not re.search("Asaka|ハラスメント|職員課", html)
