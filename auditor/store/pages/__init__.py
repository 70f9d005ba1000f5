"""The read queries behind the dashboard's pages and the API: one module a subject.

Every function takes a cursor of its caller's thread (`Database.cursor()`), aggregates in SQL and
returns either an Arrow table (bounded by a LIMIT or by what it groups) or plain rows.
"""
