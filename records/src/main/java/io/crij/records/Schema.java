package io.crij.records;

import java.util.List;

/**
 * The tables of one service.
 *
 * @param name of the service, the key of its version in the database
 * @param migrations SQL scripts; the n-th leads from version n to n+1. Never changed once released,
 *     only added to.
 */
public record Schema(String name, List<String> migrations) {
  public Schema {
    migrations = List.copyOf(migrations);
  }
}
