package io.crij.runtime.monitor;

import com.google.protobuf.ByteString;
import io.crij.cri.v1.Protocol;
import io.crij.monitor.v1.FailureCode;
import io.crij.monitor.v1.ForwardRequest;
import io.crij.monitor.v1.ListForwardsRequest;
import io.crij.monitor.v1.Request;
import io.crij.monitor.v1.Transport;
import io.crij.runtime.ServiceException;
import io.crij.runtime.hostport.ForwardedPort;
import io.crij.runtime.hostport.PortForwarder;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;

/** Ports of the node at which the monitor listens for pods. */
final class MonitorForwards implements PortForwarder {
  private final Monitor monitor;

  MonitorForwards(Monitor monitor) {
    this.monitor = monitor;
  }

  @Override
  public List<String> forward(String sandboxId, List<ForwardedPort> ports) {
    ForwardRequest.Builder request = ForwardRequest.newBuilder().setName(sandboxId);
    ports.forEach(port -> request.addPorts(message(port)));
    try {
      return monitor
          .repeated(Request.newBuilder().setForward(request))
          .getForward()
          .getLeftOutList();
    } catch (MonitorFailure e) {
      if (isTooOld(e) && ports.stream().noneMatch(ForwardedPort::required)) {
        return ports.isEmpty() ? List.of() : List.of("the monitor is of an older version");
      }
      throw new ServiceException.FailedPrecondition("port_mappings: " + e.getMessage(), e);
    }
  }

  /** A monitor from before an upgrade of this program: it listens nowhere. */
  private static boolean isTooOld(MonitorFailure failure) {
    return failure.code() == FailureCode.FAILURE_CODE_INVALID;
  }

  private static io.crij.monitor.v1.ForwardedPort.Builder message(ForwardedPort port) {
    return io.crij.monitor.v1.ForwardedPort.newBuilder()
        .setTransport(transport(port.protocol()))
        .setAddress(bytes(port.address()))
        .setPort(port.port())
        .setTargetAddress(bytes(port.target()))
        .setTargetPort(port.targetPort())
        .setOptional(!port.required());
  }

  private static Transport transport(Protocol protocol) {
    return switch (protocol) {
      case TCP -> Transport.TRANSPORT_TCP;
      case UDP -> Transport.TRANSPORT_UDP;
      case SCTP -> Transport.TRANSPORT_SCTP;
      case UNRECOGNIZED -> throw new IllegalArgumentException("checked with the request");
    };
  }

  private static ByteString bytes(InetAddress address) {
    return ByteString.copyFrom(address.getAddress());
  }

  @Override
  public Set<String> sandboxIds() {
    try {
      return Set.copyOf(
          monitor
              .repeated(
                  Request.newBuilder().setListForwards(ListForwardsRequest.getDefaultInstance()))
              .getListForwards()
              .getNamesList());
    } catch (MonitorFailure e) {
      if (isTooOld(e)) {
        return Set.of();
      }
      throw new ServiceException.FailedPrecondition("the monitor: " + e.getMessage(), e);
    }
  }
}
