"""The database: tables, one repository a feature, migrations."""
