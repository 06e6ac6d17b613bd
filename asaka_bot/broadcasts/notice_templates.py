"""Notices to start from; 〔…〕 stands where HR writes what the plan does not say. Sources: sections of the four plans."""

from asaka_bot.broadcasts.notice import Content, Plan, Template

_PLAN = "第5期特定事業主行動計画"


def _template(id_: str, label: str, audience: str, content: Content) -> Template:
    return Template(id=id_, label=label, content=content, plan=Plan(audience=audience))


TEMPLATES: tuple[Template, ...] = (
    Template(id="blank", label="白紙から書く", content=Content(title="", body="")),
    _template(
        "childcare-systems",
        "制度の周知：育児",
        "全員",
        Content(
            title="育児のための休暇・勤務の制度のお知らせ",
            body=(
                "育児のために使える休暇や勤務の制度をお知らせします。男性も使えます。\n\n"
                "だれが、何日、どう申し込むかは、下のボタンからボットに聞けます。\n\n"
                "〔問い合わせ先：職員課○○係 内線○○〕"
            ),
            source=f"{_PLAN} 第5-2-(2)-b②",
            topics=("childcare-leave", "partial-childcare-leave", "child-nursing-leave", "mens-childcare-support"),
        ),
    ),
    _template(
        "care-systems",
        "制度の周知：介護",
        "全員",
        Content(
            title="介護のための休暇・勤務の制度のお知らせ",
            body=(
                "家族の介護が必要になったときに使える制度をお知らせします。\n\n"
                "介護が始まりそうなときは、所属長か職員課に早めに知らせてください。使える制度を案内し、希望を聞きます。\n\n"
                "〔問い合わせ先：職員課○○係 内線○○〕"
            ),
            source=f"{_PLAN} 第5-2-(3)-a①",
            topics=("care-leave", "short-care-leave", "care-time", "care-intention-check"),
        ),
    ),
    _template(
        "annual-leave",
        "年次休暇の取得のお願い",
        "全員",
        Content(
            title="年次休暇を計画的に取りましょう",
            body=(
                "年次休暇が10日以上付与される方は、年に5日以上取ってください。\n\n"
                "まだの方は、〔○月○日〕までに予定を立ててください。"
            ),
            source=f"{_PLAN} 第5-1-(2)-a①",
            topics=("annual-leave", "annual-leave-planning"),
            confirm=True,
        ),
    ),
    _template(
        "harassment-desk",
        "ハラスメント相談窓口の周知",
        "全員",
        Content(
            title="ハラスメントの相談窓口のお知らせ",
            body=(
                "ハラスメントで困ったとき、見聞きしたときの相談窓口をお知らせします。\n\n"
                "要綱や指針も確かめてください。〔要綱・指針の場所〕\n\n"
                "このお知らせへの返信は、職員課が読みます。相談は、窓口へお願いします。"
            ),
            source=f"{_PLAN} 第5-3-b①",
            topics=("harassment-consultation", "harassment-definition"),
            replies=False,
        ),
    ),
    _template(
        "training",
        "研修の案内（出欠）",
        "全員",
        Content(
            title="〔研修名〕のご案内",
            body=(
                "〔研修名〕を行います。出欠を、下のボタンで答えてください。\n\n"
                "日時：〔令和○年○月○日（○）○時から○時まで〕\n場所：〔会場〕\n対象：〔対象〕"
            ),
            source=f"{_PLAN} 第5-3-a①",
            answers=("参加", "不参加", "未定"),
        ),
    ),
    _template(
        "dx-training",
        "DX研修の案内（出欠）",
        "全員",
        Content(
            title="DX研修〔研修名〕のご案内",
            body=(
                "〔研修名〕を行います。出欠を、下のボタンで答えてください。\n\n"
                "日時：〔令和○年○月○日（○）○時から○時まで〕\n場所：〔会場かオンライン〕\n内容：〔内容〕"
            ),
            source="朝霞市DX推進実施計画 (5)-1",
            topics=("dx-training",),
            answers=("参加", "不参加", "未定"),
        ),
    ),
    _template(
        "survey",
        "調査の依頼",
        "全員",
        Content(
            title="〔調査名〕への回答のお願い",
            body=(
                "〔調査名〕に回答をお願いします。所要時間は〔○分〕です。\n\n"
                "回答は〔だれが、何のために使うか〕だけに使います。答え終わったら「回答しました」を押してください。"
            ),
            source=f"{_PLAN} 第4-1-(2)",
            answers=("回答しました", "対象外です"),
        ),
    ),
    _template(
        "managers",
        "所属長へのお願い",
        "職位:所属長",
        Content(
            title="〔所属長へのお願い〕",
            body="〔お願いすること〕を、〔○月○日〕までにお願いします。\n\n終わったら「確認しました」を押してください。",
            source=f"{_PLAN} 第5-1-(1)-b②",
            confirm=True,
        ),
    ),
    _template(
        "emergency",
        "緊急連絡",
        "全員",
        Content(
            title="〔災害・システム障害などの件名〕",
            body="〔何が起きたか〕\n\n〔職員がすること〕\n\n読んだら、すぐに「確認しました」を押してください。",
            confirm=True,
            urgent=True,
        ),
    ),
)
