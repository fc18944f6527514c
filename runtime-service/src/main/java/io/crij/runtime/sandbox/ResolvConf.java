package io.crij.runtime.sandbox;

import io.crij.cri.v1.DNSConfig;

/** What containers of a pod see as resolv.conf(5). */
final class ResolvConf {
  private ResolvConf() {}

  /**
   * As requested; empty when the request says nothing.
   *
   * @param dns checked
   */
  static String render(DNSConfig dns) {
    StringBuilder text = new StringBuilder();
    if (dns.getSearchesCount() > 0) {
      text.append("search ").append(String.join(" ", dns.getSearchesList())).append('\n');
    }
    dns.getServersList().forEach(server -> text.append("nameserver ").append(server).append('\n'));
    if (dns.getOptionsCount() > 0) {
      text.append("options ").append(String.join(" ", dns.getOptionsList())).append('\n');
    }
    return text.toString();
  }
}
