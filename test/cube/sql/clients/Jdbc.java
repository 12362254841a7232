import java.sql.*;
import java.util.*;
import java.util.concurrent.*;

/** Asks the endpoint as Tableau and others do through JDBC; prints a line for each thing that holds. */
public class Jdbc {
  static final Map<String, Callable<Object>> checks = new LinkedHashMap<>();
  static String url, user, password;

  static Connection connect(String options) throws SQLException {
    return DriverManager.getConnection(url + options, user, password);
  }

  static List<String> strings(ResultSet rows, String column) throws SQLException {
    List<String> found = new ArrayList<>();
    while (rows.next()) found.add(rows.getString(column));
    return found;
  }

  static String one(Statement statement, String sql) throws SQLException {
    try (ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }

  public static void main(String[] args) throws Exception {
    url = args[0]; user = args[1]; password = args[2];
    Connection db = connect("");
    Statement statement = db.createStatement();
    DatabaseMetaData meta = db.getMetaData();

    checks.put("schemas", () -> strings(meta.getSchemas(), "TABLE_SCHEM"));
    checks.put("catalogs", () -> strings(meta.getCatalogs(), "TABLE_CAT").size());
    checks.put("tables", () -> strings(meta.getTables(null, "bi", "%", new String[] {"TABLE", "VIEW"}), "TABLE_NAME"));
    checks.put("other tables", () -> strings(meta.getTables(null, "mart", "%", null), "TABLE_NAME"));
    checks.put("remarks", () -> {
      ResultSet rows = meta.getTables(null, "bi", "fees", null);
      rows.next();
      return rows.getString("REMARKS").startsWith("Fees.");
    });
    checks.put("columns", () -> {
      ResultSet rows = meta.getColumns(null, "bi", "fees", "%");
      Map<String, String> types = new TreeMap<>();
      while (rows.next()) types.put(rows.getString("COLUMN_NAME"), rows.getString("TYPE_NAME"));
      return List.of(types.get("day"), types.get("marketplace"), types.get("fees_charged"),
          types.get("fees_count"), types.get("latest_snapshot"));
    });
    checks.put("no keys", () -> strings(meta.getPrimaryKeys(null, "bi", "fees"), "COLUMN_NAME"));
    checks.put("no imported keys", () -> strings(meta.getImportedKeys(null, "bi", "fees"), "FKCOLUMN_NAME"));
    checks.put("no exported keys", () -> strings(meta.getExportedKeys(null, "bi", "fees"), "FKCOLUMN_NAME"));
    checks.put("no cross references", () -> strings(meta.getCrossReference(null, "bi", "fees", null, "bi", "payments"), "FKCOLUMN_NAME"));
    checks.put("no indexes", () -> strings(meta.getIndexInfo(null, "bi", "fees", false, true), "INDEX_NAME"));
    checks.put("no versions", () -> strings(meta.getVersionColumns(null, "bi", "fees"), "COLUMN_NAME").size() >= 0);
    checks.put("best row", () -> strings(meta.getBestRowIdentifier(null, "bi", "fees", 2, true), "COLUMN_NAME"));
    checks.put("table types", () -> strings(meta.getTableTypes(), "TABLE_TYPE").contains("VIEW"));
    checks.put("type info", () -> strings(meta.getTypeInfo(), "TYPE_NAME").contains("numeric"));
    checks.put("functions", () -> strings(meta.getFunctions(null, "pg_catalog", "date_trunc"), "FUNCTION_NAME").size() > 0);
    checks.put("function columns", () -> strings(meta.getFunctionColumns(null, "pg_catalog", "date_trunc", "%"), "COLUMN_NAME").size() > 0);
    checks.put("procedures", () -> strings(meta.getProcedures(null, "pg_catalog", "date_trunc"), "PROCEDURE_NAME").size() >= 0);
    checks.put("procedure columns", () -> strings(meta.getProcedureColumns(null, "pg_catalog", "nothing", "%"), "COLUMN_NAME"));
    checks.put("user types", () -> strings(meta.getUDTs(null, "bi", "%", null), "TYPE_NAME").size() >= 0);
    checks.put("privileges", () -> strings(meta.getTablePrivileges(null, "bi", "fees"), "PRIVILEGE").contains("SELECT"));
    checks.put("column privileges", () -> strings(meta.getColumnPrivileges(null, "bi", "fees", "day"), "PRIVILEGE").size() >= 0);
    checks.put("keywords", () -> meta.getSQLKeywords().length() > 100);
    checks.put("functions by kind", () -> meta.getNumericFunctions().contains("abs"));
    checks.put("version", () -> meta.getDatabaseProductName());
    checks.put("client info", () -> strings(meta.getClientInfoProperties(), "NAME"));
    checks.put("user", () -> one(statement, "SELECT current_user"));

    checks.put("query", () -> new java.math.BigDecimal(one(statement, "SELECT SUM(fees_charged) FROM bi.fees")).signum());
    checks.put("prepared", () -> {
      // Past its threshold of five the driver prepares on the server and reads binary.
      try (PreparedStatement prepared = db.prepareStatement(
          "SELECT marketplace, SUM(fees_charged), COUNT(*), MAX(day) FROM fees WHERE marketplace = ? AND day >= ? GROUP BY marketplace")) {
        Set<String> answers = new HashSet<>();
        for (int round = 0; round < 12; round++) {
          prepared.setString(1, "DE");
          prepared.setDate(2, java.sql.Date.valueOf("2020-01-01"));
          try (ResultSet rows = prepared.executeQuery()) {
            rows.next();
            answers.add(rows.getString(1) + " " + rows.getBigDecimal(2) + " " + rows.getLong(3) + " " + rows.getDate(4));
          }
        }
        return answers.size();
      }
    });
    checks.put("binary", () -> {
      try (Connection binary = connect("&prepareThreshold=-1&binaryTransfer=true");
          PreparedStatement prepared = binary.prepareStatement("SELECT day, COUNT(*) FROM fees WHERE day = ? GROUP BY 1")) {
        prepared.setObject(1, java.time.LocalDate.of(2026, 1, 1));
        try (ResultSet rows = prepared.executeQuery()) {
          return rows.next() ? rows.getObject(1, java.time.LocalDate.class) + " " + (rows.getLong(2) > 0) : "none";
        }
      }
    });
    checks.put("simple mode", () -> {
      try (Connection simple = connect("&preferQueryMode=simple");
          PreparedStatement prepared = simple.prepareStatement("SELECT COUNT(*) FROM fees WHERE marketplace = ?")) {
        prepared.setString(1, "D'E");
        try (ResultSet rows = prepared.executeQuery()) { rows.next(); return rows.getLong(1); }
      }
    });
    checks.put("metadata of a prepared query", () -> {
      try (PreparedStatement prepared = db.prepareStatement("SELECT day, marketplace, SUM(fees_charged) AS charged FROM fees GROUP BY 1, 2")) {
        ResultSetMetaData columns = prepared.getMetaData();
        return List.of(columns.getColumnLabel(1), columns.getColumnTypeName(1), columns.getColumnTypeName(2),
            columns.getColumnLabel(3), columns.getColumnTypeName(3));
      }
    });
    checks.put("fetch size", () -> {
      try (Connection cursor = connect("")) {
        cursor.setAutoCommit(false);
        Statement fetching = cursor.createStatement();
        fetching.setFetchSize(100);
        int rows = 0;
        try (ResultSet all = fetching.executeQuery("SELECT day, marketplace, fees_charged FROM fees")) {
          while (all.next()) rows++;
        }
        cursor.commit();
        return rows == Integer.parseInt(one(fetching, "SELECT COUNT(*) FROM fees"));
      }
    });
    checks.put("max rows", () -> {
      try (Statement few = db.createStatement()) {
        few.setMaxRows(3);
        return strings(few.executeQuery("SELECT marketplace FROM fees"), "marketplace").size();
      }
    });
    checks.put("cancel", () -> {
      try (Connection slow = connect(""); Statement asking = slow.createStatement()) {
        new Thread(() -> {
          try { Thread.sleep(300); asking.cancel(); } catch (Exception error) { throw new RuntimeException(error); }
        }).start();
        try {
          asking.executeQuery("SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 100000) b");
          return "answered";
        } catch (SQLException error) {
          return error.getSQLState() + " " + one(asking, "SELECT 1");
        }
      }
    });
    checks.put("query timeout", () -> {
      try (Statement asking = db.createStatement()) {
        asking.setQueryTimeout(1);
        asking.executeQuery("SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 100000) b");
        return "answered";
      } catch (SQLException error) {
        return error.getSQLState();
      }
    });
    checks.put("zones", () -> {
      Set<String> days = new HashSet<>();
      for (String zone : List.of("UTC", "Asia/Tokyo", "America/St_Johns", "Pacific/Chatham")) {
        TimeZone.setDefault(TimeZone.getTimeZone(zone));
        try (Connection there = connect(""); Statement asking = there.createStatement()) {
          days.add(one(asking, "SELECT MIN(day) FROM fees") + " "
              + one(asking, "SELECT date_trunc('month', day) FROM fees GROUP BY 1 ORDER BY 1 LIMIT 1"));
          ResultSet first = asking.executeQuery("SELECT day FROM fees GROUP BY 1 ORDER BY 1 LIMIT 1");
          first.next();
          days.add(first.getDate(1) + " " + days.iterator().next().substring(11));
        }
      }
      return days.size();
    });
    checks.put("transaction", () -> {
      try (Connection strict = connect("")) {
        strict.setReadOnly(true);
        strict.setAutoCommit(false);
        strict.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        try (Statement asking = strict.createStatement()) {
          one(asking, "SELECT COUNT(*) FROM fees");
          Savepoint here = null;
          try { here = strict.setSavepoint(); asking.executeQuery("SELECT * FROM mart.fact_fee"); }
          catch (SQLException refused) { strict.rollback(here); }
          return one(asking, "SELECT 'still here'");
        }
      }
    });
    checks.put("refusal", () -> {
      try { statement.executeQuery("SELECT * FROM mart.fact_fee"); return "answered"; }
      catch (SQLException error) { return error.getSQLState(); }
    });
    checks.put("escapes", () -> one(statement,
        "SELECT {fn UCASE(marketplace)} FROM fees WHERE day >= {d '2020-01-01'} AND {fn LENGTH(marketplace)} = 2 GROUP BY 1 ORDER BY 1"));
    checks.put("batch", () -> {
      try (Statement batch = db.createStatement()) {
        batch.execute("SELECT 1; SELECT COUNT(*) FROM fees");
        return batch.getMoreResults();
      }
    });

    for (var check : checks.entrySet()) {
      String answer;
      try { answer = String.valueOf(check.getValue().call()); }
      catch (Exception error) { answer = "ERROR " + error.getMessage().replace("\n", " "); }
      System.out.println(check.getKey() + ": " + answer);
    }
  }
}
