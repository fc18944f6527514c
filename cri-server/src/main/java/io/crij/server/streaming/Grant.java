package io.crij.server.streaming;

import io.crij.cri.v1.AttachRequest;
import io.crij.cri.v1.ExecRequest;
import io.crij.cri.v1.PortForwardRequest;

/** What the bearer of a token may do, once. */
sealed interface Grant {
  /** The first part of its URL's path. */
  String path();

  record Exec(ExecRequest request) implements Grant {
    @Override
    public String path() {
      return "exec";
    }
  }

  record Attach(AttachRequest request) implements Grant {
    @Override
    public String path() {
      return "attach";
    }
  }

  record Forward(PortForwardRequest request) implements Grant {
    @Override
    public String path() {
      return "portforward";
    }
  }
}
