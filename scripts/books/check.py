"""Does Weir's books again: from the rows of its SQLite file, with Python's own sqlite3, decimal and zoneinfo.

    check.py DATABASE [ANSWERS]

Compared with the rows are
- the cost of each: tokens times rate, to the nano-dollar;
- every sum that is kept, of whatever level;
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


class Books:
    def __init__(self, path):
        self.db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        self.db.row_factory = sqlite3.Row
        self.rows = [dict(row) for row in self.db.execute("SELECT * FROM calls")]
        names = self.rows[0].keys() if self.rows else []
        self.buckets = [n[7:] for n in names if n.startswith("tokens_") and n != "tokens_reasoning"]
        self.differences = []
        self.compared = 0

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
        """Each cost is tokens times rate, rounded once; the total is the sum of its parts."""
        for row in self.rows:
            rates = json.loads(row["rates"])
            known, costs, found = [], {}, {}
            for bucket in self.buckets:
                tokens, cost = row[f"tokens_{bucket}"], row[f"cost_{bucket}_nano"]
                known.append(cost or 0)
                rate = rates.get(bucket)
                if rate and tokens is not None and row["price_state"] != "not_billed":
                    # Dollars per million tokens are thousands of nano-dollars per token.
                    exact = Decimal(rate["usd_per_mtok"]) * 1000 * tokens
                    costs[bucket], found[bucket] = cost, int(exact.quantize(Decimal(1), ROUND_HALF_EVEN))
            known.append(row["cost_searches_nano"] or 0)
            if row["cost_total_nano"] is not None:
                costs["total"], found["total"] = row["cost_total_nano"], sum(known)
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
        for name in row:
            if name.startswith("tokens_"):
                counted[name] = row[name] or 0
            elif name.startswith("cost_") and name != "cost_total_nano":
                counted[name] = (row[name] or 0) if row["cost_total_nano"] is not None else 0
        return counted

    def levels(self):
        """Every sum that is kept is that of its rows, and no key is missing or left over."""
        counted = [(row, self.sums_of(row)) for row in self.rows]
        for level in self.db.execute("SELECT * FROM usage_levels").fetchall():
            is_live = level["span"] == "quarter"
            if level["dropping"] or not (is_live or level["sealed_until_us"]):
                continue
            table = "usage_quarters" if is_live else "usage_sealed"
            zone = ZoneInfo(level["zone"] or "UTC")
            kept = {}
            for row in self.db.execute(f"SELECT * FROM {table} WHERE level = ?", [level["id"]]):
                row = dict(row)
                kept[tuple(row.pop(name) for name in ["start_us", *DIMENSIONS])] = row
            # What a level does not tell apart is empty in each of its keys.
            told = [n for place, n in enumerate(DIMENSIONS) if any(key[place + 1] not in ("", NO_TOKEN) for key in kept)]
            found = defaultdict(lambda: defaultdict(int))
            for row, sums in counted:
                if not is_live and row["started_at_us"] >= level["sealed_until_us"]:
                    continue
                empty = {name: NO_TOKEN if name == "token" else "" for name in DIMENSIONS}
                key = tuple((row[n] or empty[n]) if n in told else empty[n] for n in DIMENSIONS)
                sum_of = found[(start_of(row["started_at_us"], level["span"], zone), *key)]
                for name, value in sums.items():
                    sum_of[name] += value
            name = f"{level['side']} by {level['span']}"
            self.same(f"{name}: keys", len(kept), len(found))
            for key, sums in found.items():
                self.all_same(lambda: f"{name} {moment(key[0])} {key[1:]}", kept.get(key, {}), sums)

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

        for row in self.rows:
            if (since <= row["started_at_us"] < until
                    and all(value_of(row, name) in values for name, values in wanted.items())
                    and not any(value_of(row, name) in values for name, values in unwanted.items())):
                yield row

    def usage(self, usage, filters):
        """One answer of /api/v1/usage."""
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
    print(f"{len(books.rows)} calls, {len(answers)} answers: {books.compared} figures compared, {len(books.differences)} differ")
    sys.exit(1 if books.differences or not books.compared else 0)


if __name__ == "__main__":
    main()
