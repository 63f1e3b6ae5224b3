"""The tables of campaigns and of whom they reach."""

from __future__ import annotations

import sqlalchemy as sa

from bot.tables import NUMBER, metadata

# content, approved_content: bot.broadcasts.campaign.Content as JSON, the second as it was when last approved.
# version counts every change: who saw an older one is refused. planned_until: where planning goes on after a crash.
# reach, forecast: bot.broadcasts.reach.Reach as JSON. origin: "" or "radar:<code of the procedure>".
campaigns = sa.Table(
    "campaigns",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("state", sa.String(10), nullable=False, index=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("approved_content", sa.Text),
    sa.Column("author_id", sa.Integer, nullable=False),
    sa.Column("submitted_by", sa.Integer),
    sa.Column("submitted_at", sa.DateTime(timezone=True)),
    sa.Column("approved_by", sa.Integer),
    sa.Column("approved_at", sa.DateTime(timezone=True)),
    sa.Column("urgent_reason", sa.String(500)),
    sa.Column("reviewed_by", sa.Integer),
    sa.Column("reviewed_at", sa.DateTime(timezone=True)),
    sa.Column("alarm", sa.Boolean, nullable=False),
    sa.Column("send_at", sa.DateTime(timezone=True)),
    sa.Column("paused_why", sa.String(300)),
    sa.Column("planned_until", sa.String(100)),
    sa.Column("planned_at", sa.DateTime(timezone=True)),
    sa.Column("reach", sa.Text),
    sa.Column("forecast", sa.Text),
    sa.Column("forecast_at", sa.DateTime(timezone=True)),
    sa.Column("origin", sa.String(40), nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("started_at", sa.DateTime(timezone=True)),
    sa.Column("finished_at", sa.DateTime(timezone=True)),
    sqlite_autoincrement=True,
)

# One row for each campaign and address, its text frozen. state: waiting, sending, sent, delivered, seen, failed,
# unknown. vehicle: message, template, phone, article. began_at is None while it is only claimed.
deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("campaign", sa.Integer, nullable=False),
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("person", sa.String(200), nullable=False),
    sa.Column("citizen_id", sa.String(32)),
    sa.Column("language", sa.String(5), nullable=False),
    sa.Column("vehicle", sa.String(10), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("not_before", sa.DateTime(timezone=True)),
    sa.Column("claimed_by", sa.String(40)),
    sa.Column("lease_until", sa.DateTime(timezone=True)),
    sa.Column("began_at", sa.DateTime(timezone=True)),
    sa.Column("bookmark", sa.String(40)),
    sa.Column("message_id", sa.String(200)),
    sa.Column("why", sa.String(20)),
    sa.Column("error", sa.String(200)),
    sa.Column("finished_at", sa.DateTime(timezone=True)),
    sa.UniqueConstraint("campaign", "channel", "person", name="uq_deliveries_address"),
    sa.Index("ix_deliveries_claim", "campaign", "state", "id"),
    sa.Index("ix_deliveries_citizen", "campaign", "citizen_id"),
    sa.Index("ix_deliveries_message", "channel", "message_id"),
    sa.Index("ix_deliveries_person", "channel", "person"),
    sqlite_autoincrement=True,
)

# Receipts that overtook the platform's answer to the sending; looked at when that is written down.
early_receipts = sa.Table(
    "early_receipts",
    metadata,
    sa.Column("channel", sa.String(20), primary_key=True),
    sa.Column("message_id", sa.String(200), primary_key=True),
    sa.Column("seen", sa.Boolean, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)

# What citizens chose to be told about; topic: an id of knowledge/data/subscriptions.yml.
subscriptions = sa.Table(
    "subscriptions",
    metadata,
    sa.Column("citizen_id", sa.String(32), primary_key=True),
    sa.Column("topic", sa.String(40), primary_key=True),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Index("ix_subscriptions_topic", "topic"),
)

# Who wants no broadcasts at all. campaign: the one after which they said so, if any.
opt_outs = sa.Table(
    "opt_outs",
    metadata,
    sa.Column("citizen_id", sa.String(32), primary_key=True),
    sa.Column("campaign", sa.Integer),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)

# Phone numbers that want no broadcasts: a keyed digest of the number in its international form.
refused_phones = sa.Table(
    "refused_phones",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)

# Where citizens say they live. The keys are folded, for comparing.
residences = sa.Table(
    "residences",
    metadata,
    sa.Column("citizen_id", sa.String(32), primary_key=True),
    sa.Column("ward", sa.String(100), nullable=False),
    sa.Column("ward_key", sa.String(100), nullable=False, index=True),
    sa.Column("province_key", sa.String(100), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)

# Which citizen asked about which procedure, and when: for audiences and for reports.
asked = sa.Table(
    "asked",
    metadata,
    sa.Column("seq", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("citizen_id", sa.String(32), nullable=False, index=True),
    sa.Column("procedure", sa.String(20), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Index("ix_asked_procedure", "procedure", "at"),
    sqlite_autoincrement=True,
)

# Files of recipients that officials sent up. state: sending_up, reading, ready, refused.
audience_files = sa.Table(
    "audience_files",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("official_id", sa.Integer, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("bytes", NUMBER, nullable=False),
    sa.Column("rows_read", sa.Integer, nullable=False),
    sa.Column("good", sa.Integer, nullable=False),
    sa.Column("bad", sa.Integer, nullable=False),
    sa.Column("progress", sa.Integer, nullable=False),  # per cent
    sa.Column("columns", sa.Text, nullable=False),  # JSON list: the placeholders that the file fills
    sa.Column("problem", sa.String(300)),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("finished_at", sa.DateTime(timezone=True)),
    sqlite_autoincrement=True,
)

# The content of a file as it was sent up, until it has been read: any worker machine can read it.
audience_chunks = sa.Table(
    "audience_chunks",
    metadata,
    sa.Column("file", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
)

# Its rows. row: the line in the file, from 1. channel: "zalo", "telegram" or "phone"; facts: JSON object of
# placeholders.
# problem: why the row cannot be used (then channel and person are None); shown: the wrong value, masked.
audience_rows = sa.Table(
    "audience_rows",
    metadata,
    sa.Column("file", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("row", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("channel", sa.String(20)),
    sa.Column("person", sa.String(200)),
    sa.Column("facts", sa.Text),
    sa.Column("problem", sa.String(40)),
    sa.Column("shown", sa.String(100)),
    sa.Index("ix_audience_rows_address", "file", "channel", "person"),
)

# Pictures of campaigns, and what a platform calls them once it has them.
pictures = sa.Table(
    "pictures",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("content_type", sa.String(40), nullable=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sqlite_autoincrement=True,
)
picture_assets = sa.Table(
    "picture_assets",
    metadata,
    sa.Column("picture", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("channel", sa.String(20), primary_key=True),
    sa.Column("asset", sa.String(300), nullable=False),
    sa.Column("expires_at", sa.DateTime(timezone=True)),
)

# What each import changed of the catalogue. changes: JSON, see bot.broadcasts.radar. campaign: the notice drafted of
# it.
procedure_changes = sa.Table(
    "procedure_changes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("file", sa.String(200), nullable=False),
    sa.Column("procedure", sa.String(20), nullable=False),
    sa.Column("changes", sa.Text, nullable=False),
    sa.Column("campaign", sa.Integer),
    sqlite_autoincrement=True,
)

# The weekly reports for the leadership, as JSON. week: its Monday.
weekly_reports = sa.Table(
    "weekly_reports",
    metadata,
    sa.Column("week", sa.Date, primary_key=True),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
)
