"""The command line as a whole: one line for each command."""

import typer

from juanchi.cli import (
    changing,
    channel_looking,
    channels,
    contributing,
    desk,
    desk_verdicts,
    discards,
    doctor,
    duty,
    duty_looking,
    importing,
    intake,
    keeping,
    list_history,
    list_looking,
    listening,
    lists,
    looking,
    measuring,
    models,
    packing,
    sending,
    serving,
    storms,
    training,
    whatif,
)
from juanchi.cli.display import lang, t
from juanchi.demo.run import demo_command
from juanchi.words import say

app = typer.Typer(
    name="juanchi",
    help=t("help.app"),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
pack = typer.Typer(help=t("help.pack"), no_args_is_help=True)

app.command("up", help=t("help.up"))(serving.up)
app.command("demo", help=say("demo.help.command", lang()))(demo_command)
app.command("report", help=t("help.report"))(sending.report)
app.command("act", help=t("help.act"))(sending.act)
app.command("show", help=t("help.show"))(looking.show)
app.command("list", help=t("help.list"))(looking.list_)
app.command("inbox", help=t("help.inbox"))(looking.inbox)
app.command("orders", help=t("help.orders"))(looking.orders)
app.command("discards", help=say("screening.help.command", lang()))(discards.discards)
app.command("rulings", help=t("help.rulings"))(looking.rulings)
app.command("metrics", help=say("metrics.help.command", lang()))(measuring.metrics)
app.command("intake", help=say("intake.help.command", lang()))(intake.intake)
app.command("whatif", help=say("whatif.help.command", lang()))(whatif.whatif)
app.command("import", help=say("import.help.command", lang()))(importing.import_command)
app.command("listen", help=say("listening.help.command", lang()))(listening.listen)
app.command("audit", help=t("help.audit"))(keeping.audit)
app.command("rebuild", help=t("help.rebuild"))(keeping.rebuild)
app.command("migrate", help=t("help.migrate"))(keeping.migrate)
app.add_typer(pack, name="pack")
pack.command("check", help=t("help.pack_check"))(packing.check)
pack.command("load", help=t("help.pack_load"))(packing.load)

for name, command in (("calendar", changing.import_calendar), ("policy", changing.import_policy)):
    group = typer.Typer(help=say(f"bulk.help.{name}", lang()), no_args_is_help=True)
    group.command("import", help=say(f"bulk.help.{name}_import", lang()))(command)
    app.add_typer(group, name=name)
lists_group = typer.Typer(help=say("lists.help.group", lang()), no_args_is_help=True)
app.add_typer(lists_group, name="lists")
lists_group.command("export", help=say("lists.help.export", lang()))(lists.export)
lists_group.command("template", help=say("lists.help.template", lang()))(lists.template)
lists_group.command("import", help=say("lists.help.import", lang()))(lists.import_)
lists_group.command("batches", help=say("lists.help.batches", lang()))(list_history.batches)
lists_group.command("diff", help=say("lists.help.diff", lang()))(list_history.diff)
lists_group.command("rollback", help=say("lists.help.rollback", lang()))(list_history.rollback)
lists_group.command("doctor", help=say("doctor.help.command", lang()))(doctor.doctor)
lists_group.command("show", help=say("lists.help.show", lang()))(list_looking.show)
app.command("replan", help=say("bulk.help.replan", lang()))(changing.replan)
incident = typer.Typer(help=say("bulk.help.incident", lang()), no_args_is_help=True)
app.add_typer(incident, name="incident")
incident.command("begin", help=say("bulk.help.begin", lang()))(storms.begin)
incident.command("end", help=say("bulk.help.end", lang()))(storms.end)
incident.command("show", help=say("bulk.help.show", lang()))(storms.show)
site = typer.Typer(help=say("desk.help.group", lang()), no_args_is_help=True, cls=desk.TeamFirst)
app.add_typer(site, name="desk")
site.command("show", help=say("desk.help.show", lang()))(desk.show)
site.command("verdict", help=say("desk.help.verdict", lang()))(desk_verdicts.verdict)
people = typer.Typer(help=say("contributors.help.group", lang()), invoke_without_command=True)
app.add_typer(people, name="contributors")
people.callback(invoke_without_command=True)(contributing.list_)
for name, choice in (
    ("opt-out", contributing.opt_out),
    ("opt-in", contributing.opt_in),
    ("erase", contributing.erase),
):
    key = f"contributors.help.{name.replace('-', '_')}"
    people.command(name, help=say(key, lang()))(choice)
app.command("train", help=say("models.help.train", lang()))(training.train)
learned = typer.Typer(help=say("models.help.models", lang()), no_args_is_help=True)
app.add_typer(learned, name="models")
learned.command("list", help=say("models.help.list", lang()))(models.list_)
learned.command("show", help=say("models.help.show", lang()))(models.show)
learned.command("promote", help=say("models.help.promote", lang()))(models.promote)
learned.command("rollback", help=say("models.help.rollback", lang()))(models.rollback)
learned.command("export", help=say("models.help.export", lang()))(models.export)
learned.command("import", help=say("models.help.import", lang()))(models.import_)
duties = typer.Typer(help=say("duty.help.group", lang()), no_args_is_help=True)
app.add_typer(duties, name="duty")
for name, work in (
    ("propose", duty.propose),
    ("list", duty_looking.list_),
    ("show", duty_looking.show),
    ("consult", duty.consult),
    ("answer", duty.answer),
    ("opinion", duty.opinion),
    ("approve", duty.approve),
    ("reject", duty.reject),
    ("postpone", duty.postpone),
    ("withdraw", duty.withdraw),
    ("move", duty.move),
):
    duties.command(name, help=say(f"duty.help.{name}", lang()))(work)
channel_group = typer.Typer(help=say("channel.help.group", lang()), no_args_is_help=True)
app.add_typer(channel_group, name="channel")
channel_group.command("list", help=say("channel.help.list", lang()))(channel_looking.list_)
channel_group.command("show", help=say("channel.help.show", lang()))(channel_looking.show)
channel_group.command("add", help=say("channel.help.add", lang()))(channels.add)
channel_group.command("pause", help=say("channel.help.pause", lang()))(channels.pause)
channel_group.command("resume", help=say("channel.help.resume", lang()))(channels.resume)
channel_group.command("read", help=say("channel.help.read", lang()))(channels.read)
channel_group.command("set-aside", help=say("channel.help.aside", lang()))(channel_looking.aside)
channel_group.command("retry", help=say("channel.help.retry", lang()))(channels.retry)
channel_group.command("drop", help=say("channel.help.drop", lang()))(channels.drop)
