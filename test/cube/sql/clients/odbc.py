"""Asks the endpoint as Excel and others do through ODBC; prints a line for each thing that holds."""
import datetime
import sys

import pyodbc

connection_string = sys.argv[1]


def connect(**options):
    return pyodbc.connect(connection_string, **options)


db = connect(autocommit=True)
cursor = db.cursor()


def refused():
    try:
        cursor.execute("SELECT * FROM mart.fact_fee")
        return "answered"
    except pyodbc.Error as error:
        return error.args[0]


def in_a_transaction():
    with connect() as strict:
        asking = strict.cursor()
        asking.execute("SELECT COUNT(*) FROM fees")
        rows = asking.fetchone()[0]
        strict.rollback()
        return rows > 0


def fetched():
    rows = 0
    cursor.execute("SELECT day, marketplace, fees_charged FROM fees")
    while part := cursor.fetchmany(100):
        rows += len(part)
    return rows == cursor.execute("SELECT COUNT(*) FROM fees").fetchone()[0]


checks = {
    "tables": lambda: [row.table_name for row in cursor.tables(schema="bi")],
    "other tables": lambda: [row.table_name for row in cursor.tables(schema="mart")],
    "columns": lambda: {
        row.column_name: row.type_name for row in cursor.columns(table="fees", schema="bi")
    }["day"],
    "primary keys": lambda: list(cursor.primaryKeys(table="fees", schema="bi")),
    "foreign keys": lambda: list(cursor.foreignKeys(table="fees", schema="bi")),
    "statistics": lambda: len(list(cursor.statistics("fees", schema="bi"))) >= 0,
    "row id": lambda: len(list(cursor.rowIdColumns("fees", schema="bi"))) >= 0,
    "procedures": lambda: len(list(cursor.procedures(procedure="date_trunc"))) >= 0,
    "type info": lambda: len(list(cursor.getTypeInfo())) > 5,
    "version": lambda: db.getinfo(pyodbc.SQL_DBMS_NAME),
    "query": lambda: cursor.execute("SELECT COUNT(*) FROM bi.fees").fetchone()[0] > 0,
    "parameters": lambda: cursor.execute(
        "SELECT COUNT(*) FROM fees WHERE marketplace = ? AND day >= ?",
        "DE",
        datetime.date(2020, 1, 1),
    ).fetchone()[0]
    > 0,
    "types": lambda: [
        type(value).__name__
        for value in cursor.execute(
            "SELECT day, marketplace, SUM(fees_charged), COUNT(*) FROM fees GROUP BY 1, 2"
        ).fetchone()
    ],
    "escapes": lambda: cursor.execute(
        "SELECT {fn UCASE(marketplace)} FROM fees WHERE day >= {d '2020-01-01'} GROUP BY 1 ORDER BY 1"
    ).fetchone()[0],
    "rows in parts": fetched,
    "transaction": in_a_transaction,
    "refusal": refused,
    "after a refusal": lambda: cursor.execute("SELECT 1").fetchone()[0],
}

for name, check in checks.items():
    try:
        answer = check()
    except Exception as error:  # Whatever it is, it is shown.
        answer = f"ERROR {error}"
    print(f"{name}: {answer}")
