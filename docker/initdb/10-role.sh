#!/usr/bin/env bash
# Runs once, when the PostgreSQL volume is empty: the role Odoo connects as owns its database and nothing else.
set -euo pipefail
psql --username "$POSTGRES_USER" --dbname postgres --set ON_ERROR_STOP=1 \
    --set password="$(cat /run/secrets/aptic_db_password)" <<'SQL'
CREATE ROLE aptic LOGIN PASSWORD :'password';
CREATE DATABASE aptic OWNER aptic TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C';
SQL
psql --username "$POSTGRES_USER" --dbname aptic --set ON_ERROR_STOP=1 --command 'CREATE EXTENSION IF NOT EXISTS unaccent'
