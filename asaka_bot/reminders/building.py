"""Validated files of schedules/ -> the frozen Schedule, with the checks that one file alone can't make."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from asaka_bot.knowledge.model import KnowledgeBase
from asaka_bot.knowledge.problems import File, Place, Problems
from asaka_bot.messages import Option
from asaka_bot.outgoing import Address
from asaka_bot.reminders import schema
from asaka_bot.reminders.calendar import Closure, Correction, MonthDay, WorkingDays, YearlyClosure
from asaka_bot.reminders.figures import find
from asaka_bot.reminders.recurrence import (
    DayRange,
    FixedDate,
    Independent,
    NthWeekday,
    Quarterly,
    Recurrence,
    Relative,
    Weekly,
)
from asaka_bot.reminders.rules import Audience, Rule, Schedule, Season, Text, Validity

Placed = tuple[Place, schema.RuleIn, schema.ValidityIn]


class Builder:
    """Turns validated files into the frozen schedule.

    ``problems`` make it unusable; ``gaps`` are topics and figures that this knowledge base does not have: the links
    and the texts that need them are left out.
    """

    def __init__(self, files: list[File], problems: Problems, gaps: Problems) -> None:
        self.files, self.problems, self.gaps = files, problems, gaps
        self.places: dict[str, Place] = {}
        self.wording = [f.content for f in files if isinstance(f.content, schema.WordingFileIn)]
        self._addresses: dict[Audience, tuple[Address, ...]] = {}

    def build(self, knowledge: KnowledgeBase) -> Schedule:
        """The schedule, as far as the files are usable; what is wrong goes to the problems."""
        self._addresses = self._destinations()
        given = {item.id: (place, item, valid) for place, item, valid in self._given()}
        rules: dict[str, Rule] = {}
        for rule_id, (place, item, valid) in given.items():
            when = self._when(place / "when", item.when, given)
            if when is not None:
                rules[rule_id] = self._rule(place, item, valid, when)
        schedule = Schedule(rules=rules, calendar=self._calendar())
        for file, wording in ((f, f.content) for f in self.files if isinstance(f.content, schema.WordingFileIn)):
            schedule = self._with_wording(schedule, file, wording, knowledge)
        return self._with_links(schedule, given, knowledge)

    def _given(self) -> Iterator[Placed]:
        for file in self.files:
            if not isinstance(file.content, schema.RuleFileIn):
                continue
            for index, item in enumerate(file.content.rules):
                place = Place(file, "rules", index)
                if item.id in self.places:
                    self.problems.add(place / "id", f"id「{item.id}」が重なっています。別の名前にしてください")
                    continue
                self.places[item.id] = place
                yield place, item, item.valid or file.content.valid

    def _destinations(self) -> dict[Audience, tuple[Address, ...]]:
        found: dict[Audience, tuple[Address, ...]] = {}
        for file in self.files:
            if isinstance(file.content, schema.DestinationFileIn):
                found |= {who: tuple(dict.fromkeys(to)) for who, to in file.content.destinations.items()}
                for missing in [who for who in Audience if who not in found]:
                    self.problems.add(
                        Place(file, "destinations"), f"「{missing}」の宛先がありません。書き足してください"
                    )
        return found

    def _when(self, place: Place, item: schema.WhenIn, given: dict[str, Placed]) -> Recurrence | None:
        if item.relative is None:
            return _independent(item)
        hung = item.relative
        other = given.get(hung.rule)
        if other is None:
            self.problems.add(place / "relative", f"ルール「{hung.rule}」はありません。idのつづりを確かめてください")
            return None
        if other[1].when.relative is not None:
            self.problems.add(
                place / "relative",
                f"「{hung.rule}」も別のルールを基準にしています。もとのルールを基準にしてください",
            )
            return None
        return Relative(
            rule=hung.rule,
            point=hung.point,
            of=_independent(other[1].when),
            of_when_closed=other[1].when_closed,
            working_days=hung.working_days,
        )

    def _rule(self, place: Place, item: schema.RuleIn, valid: schema.ValidityIn, when: Recurrence) -> Rule:
        if item.until <= item.time:
            self.problems.add(
                place / "until", "until は time より後の時刻にしてください（その日の何時まで送ってよいか）"
            )
        assumed = item.assumed == "true"
        if assumed and not item.reason:
            self.problems.add(
                place / "assumed", "assumed: true には reason（計画に何が書かれていないか）を書いてください"
            )
        if not assumed and item.reason:
            self.problems.add(place / "reason", "reason は assumed: true のときだけ書けます。どちらかを直してください")
        return Rule(
            id=item.id,
            title=item.title,
            subject=item.subject,
            when=when,
            when_closed=item.when_closed,
            at=item.time,
            until=item.until,
            audience=item.audience,
            destinations=tuple(dict.fromkeys(item.destinations or self._addresses.get(item.audience, ()))),
            priority=item.priority,
            texts=tuple(Text(title=text.title, paragraphs=tuple(text.text)) for text in item.texts),
            line=item.line,
            closing=item.closing,
            footer=item.footer,
            source=item.source,
            validity=Validity(first=valid.first, last=valid.last),
            season=_season(item.season),
            assumed=item.reason if assumed else "",
        )

    def _calendar(self) -> WorkingDays:
        contents = [f.content for f in self.files if isinstance(f.content, schema.CalendarFileIn)]
        return WorkingDays(
            yearly=tuple(YearlyClosure(span=y.span(), reason=y.reason) for c in contents for y in c.yearly),
            closures=tuple(Closure(**each.model_dump()) for c in contents for each in c.closures),
            corrections=tuple(
                Correction(day=each.day, holiday=each.holiday == "true", name=each.name)
                for c in contents
                for each in c.holidays
            ),
            confirmed_years=frozenset(year for c in contents for year in c.confirmed_years),
        )

    def _with_wording(
        self, schedule: Schedule, file: File, wording: schema.WordingFileIn, knowledge: KnowledgeBase
    ) -> Schedule:
        figures = {}
        for name, item in wording.figures.items():
            value = find(knowledge, item.topic, item.facet, item.words)
            if value is None:
                message = f"数字「{name}」が、話題「{item.topic}」の {item.facet} に見つかりません。知識ベースの文と words を合わせてください"
                self.gaps.add(Place(file, "figures", name), message)
            else:
                figures[name] = value
        for name, rule in wording.next_days.items():
            if rule not in schedule.rules:
                self.problems.add(
                    Place(file, "next_days", name), f"ルール「{rule}」はありません。idのつづりを確かめてください"
                )
        return replace(schedule, figures=figures, next_days=dict(wording.next_days))

    def _with_links(self, schedule: Schedule, given: dict[str, Placed], knowledge: KnowledgeBase) -> Schedule:
        rules = {}
        for rule in schedule.rules.values():
            place, item, _ = given[rule.id]
            links = []
            for index, link in enumerate(item.links):
                topic = knowledge.topics.get(link.topic)
                spot = place / "links" / index
                if topic is None:
                    self.gaps.add(
                        spot / "topic", f"「{link.topic}」という話題はありません。idのつづりを確かめてください"
                    )
                elif link.facet is not None and link.facet not in {*topic.facets, *topic.elsewhere}:
                    self.gaps.add(
                        spot / "facet", f"「{link.topic}」に {link.facet} の説明はありません。別の側面にしてください"
                    )
                else:
                    links.append(Option(label=link.label, topic=link.topic, facet=link.facet and link.facet.value))
            rules[rule.id] = replace(rule, links=tuple(links))
        return replace(schedule, rules=rules)


def _independent(item: schema.WhenIn) -> Independent:
    if item.weekly is not None:
        return Weekly(weekday=item.weekly)
    if item.nth_weekday is not None:
        nth = item.nth_weekday
        return NthWeekday(number=nth.number, weekday=nth.weekday, months=tuple(nth.months))
    if item.days is not None:
        return DayRange(span=item.days.span())
    if item.first_working_day is not None:
        return Quarterly(months=tuple(item.first_working_day))
    if item.once is not None:
        return FixedDate(day=MonthDay.of(item.once), year=item.once.year)
    return FixedDate(day=item.yearly or MonthDay.of(date.min))  # the schema lets nothing else through


def _season(item: schema.SeasonIn | None) -> Season:
    if item is None:
        return Season()
    return Season(months=frozenset(item.months or ()), span=item.days.span() if item.days else None)
