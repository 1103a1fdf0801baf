"""The command line as a whole: one line for each command."""

import typer

from juanchi.cli import importing, keeping, looking, packing, sending, serving
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
app.command("import", help=say("import.help.command", lang()))(importing.import_command)
app.command("audit", help=t("help.audit"))(keeping.audit)
app.command("rebuild", help=t("help.rebuild"))(keeping.rebuild)
app.command("migrate", help=t("help.migrate"))(keeping.migrate)
app.add_typer(pack, name="pack")
pack.command("check", help=t("help.pack_check"))(packing.check)
pack.command("load", help=t("help.pack_load"))(packing.load)
