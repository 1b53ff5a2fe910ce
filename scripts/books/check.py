"""Does Weir's books again: from the rows of its SQLite file, with Python's own sqlite3, decimal and zoneinfo.

    check.py DATABASE [ANSWERS]

Compared with the rows are
- the cost of each: tokens and searches times rate, to the nano-dollar, and of output the part that was reasoning;
- every sum that is kept, of whatever level, as far as its calls are: where retention has deleted them there is nothing to
  compare with, and it is told how many sums were skipped (`weir ledger verify` holds those to their checksums);
- where ANSWERS is given, what the REST API told: a JSON list of {"usage": …} as /api/v1/usage answers, with
  "filters" (a list of pairs) beside it, or of {"csv": text, "report": {"bucket", "by", "from", "to", "tz"},
  "filters": …}.

Knows nothing of Weir's code. Prints every difference and what was compared; ends with 1 where there is any.
"""

import csv
import io
import json
import sqlite3
import sys
import uuid
from collections import defaultdict
from datetime import datetime, timedelta, timezone
from decimal import ROUND_HALF_EVEN, Decimal
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
NO_TOKEN = b"\0" * 16
DIMENSIONS = ["provider", "provider_type", "model", "outcome", "price_state", "agent", "user_name", "token"]
EMPTY = {name: NO_TOKEN if name == "token" else "" for name in DIMENSIONS}
COLUMN_OF = {"user": "user_name"}
COST_TYPE = {
    "cached_input": "cached", "cached_input_audio": "cached", "output": "output", "output_audio": "output",
    "output_image": "output", "reasoning": "reasoning", "searches": "searches",
}


def moment(us):
    return EPOCH + timedelta(microseconds=us)


def microseconds(text):
    past = datetime.fromisoformat(text) - EPOCH
    return (past.days * 86_400 + past.seconds) * 1_000_000 + past.microseconds


def start_of(us, span, zone):
    """Where the hour, day, week or month begins that contains a moment."""
    if span == "quarter":
        return us - us % 900_000_000
    local = moment(us).astimezone(zone)
    if span == "hour":
        # On the clock on the wall: full hours of an offset, whatever the offset is.
        into = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        return us - into // timedelta(microseconds=1)
    day = local.date()
    if span == "week":
        day -= timedelta(days=day.weekday())
    if span == "month":
        day = day.replace(day=1)
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(timezone.utc)
    return (midnight - EPOCH) // timedelta(microseconds=1)


def product(count, rate, unit, nano):
    """What a count costs to the nano-dollar. None: there is nothing, or no rate."""
    if not count or not rate:
        return None
    return int((Decimal(rate[unit]) * nano * count).quantize(Decimal(1), ROUND_HALF_EVEN))


class Level:
    """The sums of one level. Rows come in the order of time, so that one span is held at once."""

    def __init__(self, books, level):
        self.books, self.id, self.span = books, level["id"], level["span"]
        is_live = self.span == "quarter"
        self.name = f"{level['side']} by {self.span}"
        self.table = "usage_quarters" if is_live else "usage_sealed"
        self.zone = ZoneInfo(level["zone"] or "UTC")
        self.until = None if is_live else level["sealed_until_us"]
        # What a level does not tell apart is empty in each of its keys.
        told = ", ".join(f"MAX({name} NOT IN ('', zeroblob(16)))" for name in DIMENSIONS)
        told = books.db.execute(f"SELECT {told} FROM {self.table} WHERE level = ?", [self.id]).fetchone()
        self.told = [name for name, is_told in zip(DIMENSIONS, told) if is_told]
        self.start, self.found, self.keys = None, {}, 0

    def add(self, row, sums):
        if self.until is not None and row["started_at_us"] >= self.until:
            return
        start = start_of(row["started_at_us"], self.span, self.zone)
        if self.books.rows_from is not None and start < self.books.rows_from:
            return
        if start != self.start:
            self.compare()
            self.start = start
        key = tuple((row[name] or EMPTY[name]) if name in self.told else EMPTY[name] for name in DIMENSIONS)
        sum_of = self.found.setdefault(key, defaultdict(int))
        for name, value in sums.items():
            sum_of[name] += value

    def compare(self):
        """Compares the span that is held with what is kept of it."""
        kept = self.books.db.execute(f"SELECT * FROM {self.table} WHERE level = ? AND start_us = ?", [self.id, self.start])
        kept = {tuple(row[name] for name in DIMENSIONS): dict(row) for row in kept}
        for key, sums in self.found.items():
            self.books.all_same(lambda: f"{self.name} {moment(self.start)} {key}", kept.get(key, {}), sums)
        self.keys += len(self.found)
        self.found = {}

    def end(self):
        self.compare()
        count = f"SELECT COUNT(*) FROM {self.table} WHERE level = ?"
        kept, skipped = self.books.one(count, self.id), 0
        if self.books.rows_from is not None:
            skipped = self.books.one(f"{count} AND start_us < ?", self.id, self.books.rows_from)
        self.books.same(f"{self.name}: keys", kept - skipped, self.keys)
        self.books.sums_skipped += skipped


class Books:
    def __init__(self, path):
        self.db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
        self.db.row_factory = sqlite3.Row
        # All of it is read as it is at one moment, also while Weir writes.
        self.db.execute("BEGIN")
        self.columns = [row["name"] for row in self.db.execute("PRAGMA table_info(calls)")]
        self.buckets = [n[7:] for n in self.columns if n.startswith("tokens_") and n != "tokens_reasoning"]
        # Where calls are deleted nothing can be done again; rows that are still there are about to go.
        self.rows_from = self.one("SELECT MAX(sealed_until_us) FROM usage_levels WHERE span = 'quarter'")
        self.differences = []
        self.compared = self.calls = self.sums_skipped = self.answers_skipped = 0

    def one(self, query, *values):
        return self.db.execute(query, values).fetchone()[0]

    def rows(self, since=None, until=None):
        """The calls of a range, one by one, the oldest first."""
        where, values = ["1"], []
        for condition, value in [("started_at_us >= ?", since), ("started_at_us < ?", until)]:
            if value is not None:
                where.append(condition)
                values.append(value)
        return self.db.execute(f"SELECT * FROM calls WHERE {' AND '.join(where)} ORDER BY started_at_us", values)

    def same(self, what, told, found):
        self.compared += 1
        if told != found:
            self.differences.append(f"{what}: told {told}, found {found}")

    def all_same(self, what, told, found):
        """The figures of one thing, by their names."""
        self.compared += len(found)
        for name, figure in found.items():
            if told.get(name) != figure:
                self.differences.append(f"{what()} {name}: told {told.get(name)}, found {figure}")

    def prices(self):
        """Each cost is count times rate, rounded once; the total is the sum of its parts, as far as all are known."""
        for row in self.rows():
            self.calls += 1
            rates = json.loads(row["rates"])
            costs = {bucket: row[f"cost_{bucket}_nano"] for bucket in self.buckets}
            found = {}
            for bucket in self.buckets:
                # Dollars per million tokens are thousands of nano-dollars per token.
                found[bucket] = product(row[f"tokens_{bucket}"], rates.get(bucket), "usd_per_mtok", 1000)
            costs["searches"] = row["cost_searches_nano"]
            # Dollars per thousand searches are millions of nano-dollars per search.
            found["searches"] = product(row["searches"], rates.get("searches"), "usd_per_thousand", 1_000_000)
            is_known = row["price_state"] in ["priced", "estimated"]
            costs["total"], found["total"] = row["cost_total_nano"], sum(c or 0 for c in found.values()) if is_known else None
            # A part of the output, rounded on its own, and never more than the output.
            reasoning = min(row["tokens_reasoning"] or 0, row["tokens_output"] or 0)
            costs["reasoning"] = row["cost_reasoning_nano"]
            found["reasoning"] = product(reasoning, rates.get("output"), "usd_per_mtok", 1000)
            self.all_same(lambda: uuid.UUID(bytes=row["id"]), costs, found)

    def sums_of(self, row):
        """What one row adds to sums, by their columns."""
        counted = {
            "requests": int(row["outcome"] != "rejected"),
            "cost_total_nano": row["cost_total_nano"] or 0,
            "tokens_total": sum(row[f"tokens_{bucket}"] or 0 for bucket in self.buckets),
            "searches": row["searches"] or 0,
        }
        for state in ["priced", "estimated", "unpriced", "not_billed"]:
            counted[f"{state}_calls"] = int(row["price_state"] == state)
        for name in self.columns:
            if name.startswith("tokens_"):
                counted[name] = row[name] or 0
            elif name.startswith("cost_") and name != "cost_total_nano":
                counted[name] = (row[name] or 0) if row["cost_total_nano"] is not None else 0
        return counted

    def levels(self):
        """Every sum that is kept is that of its rows, and no key is missing or left over."""
        levels = [Level(self, level) for level in self.db.execute("SELECT * FROM usage_levels").fetchall()
                  if not level["dropping"] and (level["span"] == "quarter" or level["sealed_until_us"])]
        for row in self.rows(self.rows_from):
            sums = self.sums_of(row)
            for level in levels:
                level.add(row, sums)
        for level in levels:
            level.end()

    def parts(self, row):
        """Tokens and nano-dollars of a row by type: output is without reasoning."""
        known = row["cost_total_nano"] is not None
        tokens = {bucket: row[f"tokens_{bucket}"] or 0 for bucket in self.buckets}
        cost = {bucket: (row[f"cost_{bucket}_nano"] or 0) if known else 0 for bucket in self.buckets}
        tokens["reasoning"] = row["tokens_reasoning"] or 0
        cost["reasoning"] = (row["cost_reasoning_nano"] or 0) if known else 0
        cost["searches"] = (row["cost_searches_nano"] or 0) if known else 0
        tokens["output"] -= tokens["reasoning"]
        cost["output"] -= cost["reasoning"]
        return tokens, cost

    def taken(self, since, until, filters):
        """The rows of a range that filters leave: the same name twice is or, different names are and."""
        wanted, unwanted = defaultdict(list), defaultdict(list)
        for name, value in filters:
            (unwanted if name.endswith(".not") else wanted)[name.removesuffix(".not")].append(value)

        def value_of(row, name):
            value = row[COLUMN_OF.get(name, name)]
            return str(uuid.UUID(bytes=value)) if name == "token" and value else value or ""

        for row in self.rows(since, until):
            if (all(value_of(row, name) in values for name, values in wanted.items())
                    and not any(value_of(row, name) in values for name, values in unwanted.items())):
                yield row

    def is_deleted(self, since):
        """Whether calls of a range that begins there are deleted, so that nothing can be said of it."""
        is_deleted = self.rows_from is not None and microseconds(since) < self.rows_from
        self.answers_skipped += is_deleted
        return is_deleted

    def usage(self, usage, filters):
        """One answer of /api/v1/usage."""
        if self.is_deleted(usage["from"]):
            return
        zone, by, metric = ZoneInfo(usage["tz"]), usage["group_by"], usage["metric"]
        found, unpriced, estimated = defaultdict(int), 0, 0
        for row in self.taken(microseconds(usage["from"]), microseconds(usage["to"]), filters):
            start = start_of(row["started_at_us"], usage["bucket"], zone)
            unpriced += row["price_state"] == "unpriced"
            estimated += row["price_state"] == "estimated"
            tokens, cost = self.parts(row)
            parts = {"spend": cost, "tokens": tokens, "requests": {"": int(row["outcome"] != "rejected")}}[metric]
            for part, value in parts.items():
                if by == "token_type":
                    key = part
                elif by == "cost_type":
                    writes = "cache_writes" if part.startswith("cache_write") else "input"
                    key = COST_TYPE.get(part, writes)
                else:
                    key = None if by == "none" else row[COLUMN_OF.get(by, by)] or None
                    key = str(uuid.UUID(bytes=key)) if by == "token" and key else key
                found[(key, start)] += value
        nano = (lambda text: int(Decimal(text) * 10**9)) if metric == "spend" else int
        told = {(s["key"], microseconds(p["start"])): nano(p["value"]) for s in usage["series"] for p in s["points"]}
        name = f"usage {metric} by {by}, {usage['bucket']}, {usage['tz']}, {filters}"
        self.same(name, {k: v for k, v in told.items() if v}, {k: v for k, v in found.items() if v})
        self.same(f"{name}: total", nano(usage["total"]), sum(found.values()))
        self.same(f"{name}: unpriced, estimated", (usage["unpriced_calls"], usage["estimated_calls"]), (unpriced, estimated))

    def report(self, text, report, filters):
        """One answer of /api/v1/usage/report.csv, line by line."""
        if self.is_deleted(report["from"]):
            return
        zone = ZoneInfo(report["tz"])
        since, until = microseconds(report["from"]), microseconds(report["to"])
        columns = [c for by in report["by"] for c in (["provider", "provider_type"] if by == "provider" else [by])]
        found = defaultdict(lambda: defaultdict(int))
        for row in self.taken(since, until, filters):
            whole = report["bucket"] == "total"
            start = since if whole else start_of(row["started_at_us"], report["bucket"], zone)
            key = [row[COLUMN_OF.get(name, name)] or "" for name in columns]
            key = tuple(str(uuid.UUID(bytes=value)) if isinstance(value, bytes) else value for value in key)
            line, (tokens, cost) = found[(start, key)], self.parts(row)
            line["calls"] += 1
            line["requests"] += row["outcome"] != "rejected"
            line["unpriced_calls"] += row["price_state"] == "unpriced"
            line["estimated_calls"] += row["price_state"] == "estimated"
            line["tokens"] += sum(tokens.values())
            line["cost_usd"] += row["cost_total_nano"] or 0
            for part, value in tokens.items():
                line[f"tokens_{part}"] += value
            for part, value in cost.items():
                line[f"cost_usd_{part}"] += value
        name, before = f"report of {report} {filters}", None
        lines = list(csv.DictReader(io.StringIO(text, newline="")))
        self.same(f"{name}: lines", len(lines), len(found))
        for line in lines:
            start = microseconds(line["start"])
            self.same(f"{name}: order", before is None or before <= start, True)
            before = start
            # One apostrophe is taken off a text that begins with one.
            key = (start, tuple(line[column].removeprefix("'") for column in columns))
            nano = lambda cell: int(Decimal(cell) * 10**9)
            told = {c: nano(line[c]) if c.startswith("cost_usd") else int(line[c]) for c in found[key]}
            self.all_same(lambda: f"{name} {key}", told, found[key])


def main():
    books = Books(sys.argv[1])
    books.prices()
    books.levels()
    answers = []
    if len(sys.argv) > 2:
        with open(sys.argv[2], encoding="utf-8") as file:
            answers = json.load(file)
    for answer in answers:
        if "usage" in answer:
            books.usage(answer["usage"], answer["filters"])
        else:
            books.report(answer["csv"], answer["report"], answer["filters"])
    for difference in books.differences:
        print(difference)
    print(f"{books.calls} calls, {len(answers)} answers: {books.compared} figures compared, {len(books.differences)} differ")
    if books.rows_from is not None:
        print(f"calls before {moment(books.rows_from)} are deleted: skipped {books.sums_skipped} sums, {books.answers_skipped} answers")
    sys.exit(1 if books.differences or not books.compared else 0)


if __name__ == "__main__":
    main()
