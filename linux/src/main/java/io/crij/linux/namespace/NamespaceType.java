package io.crij.linux.namespace;

/** The kinds of namespace that a pod can have of its own (namespaces(7)). */
public enum NamespaceType {
  NETWORK(0x40000000, "net"),
  IPC(0x08000000, "ipc"),
  UTS(0x04000000, "uts");

  private final int cloneFlag;
  private final String procName;

  NamespaceType(int cloneFlag, String procName) {
    this.cloneFlag = cloneFlag;
    this.procName = procName;
  }

  /** Its {@code CLONE_NEW…} flag. */
  int cloneFlag() {
    return cloneFlag;
  }

  /** Its name in {@code /proc/PID/ns}. */
  public String procName() {
    return procName;
  }
}
