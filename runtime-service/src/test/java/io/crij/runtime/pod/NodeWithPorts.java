package io.crij.runtime.pod;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.cri.v1.PodSandboxConfig;
import io.crij.cri.v1.PortMapping;
import io.crij.cri.v1.Protocol;
import io.crij.linux.namespace.NamespaceRequest;
import io.crij.linux.namespace.NamespaceType;
import io.crij.linux.namespace.Namespaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A node with somebody outside of it, and programs that ask and answer at its ports. */
abstract class NodeWithPorts {
  /** Answers at 80 and 53, and says from where it was asked; at 7 it says what it is told. */
  private static final String SERVER =
      """
      use IO::Socket::IP; use IO::Select; $SIG{PIPE} = "IGNORE";
      my $all = IO::Select->new; my %is;
      sub at { IO::Socket::IP->new(LocalHost => shift, LocalPort => shift, V6Only => 1, @_) or die $@ }
      sub watch { my ($s, $what) = @_; $is{fileno $s} = $what; $all->add($s); }
      my @tcp = (Listen => 99, ReuseAddr => 1);
      for my $ip ("0.0.0.0", "::") {
        watch(at($ip, 80, @tcp), "hello"); watch(at($ip, 7, @tcp), "echo");
        watch(at($ip, 53, Proto => "udp"), "udp"); }
      $| = 1; print "ready\n";
      while (1) { for my $s ($all->can_read) { my $what = $is{fileno $s};
        if ($what eq "udp") { $s->recv(my $b, 9); $s->send("hello " . $s->peerhost . "\n"); }
        elsif ($what eq "hello") { my $c = $s->accept; print $c "hello " . $c->peerhost . "\n"; close $c; }
        elsif ($what eq "echo") { my $c = $s->accept; watch($c, "told"); }
        elsif (sysread $s, my $b, 65536) { syswrite $s, $b; }
        else { $all->remove($s); close $s; } } }
      """;

  /** Says each line of its own input, and prints the answer. */
  private static final String TALKER =
      """
      use IO::Socket::IP; my ($host, $port) = @ARGV; $| = 1; alarm 200;
      my $s = IO::Socket::IP->new(PeerHost => $host, PeerPort => $port) or die $@;
      while (my $line = <STDIN>) { print $s $line; my $answer = <$s>; print $answer // "end\n"; }
      """;

  /** Sends 8 MB and ends its half, and then reads, slowly at first. */
  private static final String SENDER =
      """
      use IO::Socket::IP; my ($host, $port) = @ARGV; alarm 200;
      my $s = IO::Socket::IP->new(PeerHost => $host, PeerPort => $port) or die $@;
      my $sent = pack "N*", 1 .. 2_000_000;
      if (!fork) { print $s $sent; shutdown $s, 1; exit 0; }
      select undef, undef, undef, 0.2;
      my $got = do { local $/; <$s> }; wait; print $got eq $sent ? "same" : "other " . length $got;
      """;

  /** Asks; prints nothing when there is no answer within so many seconds. */
  private static final String CLIENT =
      """
      use IO::Socket::IP; my ($proto, $host, $port, $seconds, @from) = @ARGV;
      $SIG{ALRM} = sub { exit 0 }; alarm $seconds;
      my $s = IO::Socket::IP->new(PeerHost => $host, PeerPort => $port, Proto => $proto,
                                (map { (LocalPort => $_, ReuseAddr => 1) } @from)) or exit 0;
      $s->send("?") if $proto eq "udp"; $s->recv(my $b, 99); print $b;
      """;

  @TempDir Path folder;
  PodNode node;
  Path outside;
  Path server;
  Path client;
  Path talker;
  Path sender;
  final List<Process> servers = new ArrayList<>();

  @BeforeEach
  void open() throws Exception {
    node = new PodNode(folder);
    server = Files.writeString(folder.resolve("server.pl"), SERVER);
    client = Files.writeString(folder.resolve("client.pl"), CLIENT);
    talker = Files.writeString(folder.resolve("talker.pl"), TALKER);
    sender = Files.writeString(folder.resolve("sender.pl"), SENDER);
    outside = folder.resolve("outside");
    Namespaces.create(new NamespaceRequest(Map.of(NamespaceType.NETWORK, outside), "", List.of()));
    node.onHost("ip link set lo up; ip link add lan type veth peer name wan");
    inOutside("nsenter --net=" + node.hostNetwork + " ip link set wan netns $$");
    node.onHost("ip addr add 192.0.2.1/24 dev lan; ip link set lan up");
    inOutside("ip link set lo up; ip addr add 192.0.2.2/24 dev wan; ip link set wan up");
  }

  @AfterEach
  void close() throws Exception {
    for (Process process : servers) {
      process.destroyForcibly().waitFor();
    }
    Namespaces.unpin(outside);
    node.end();
  }

  String inOutside(String script) throws Exception {
    return PodNode.command("nsenter", "--net=" + outside, "sh", "-c", script);
  }

  void useBridge(boolean portmap) throws IOException {
    Files.writeString(
        node.networkDir.resolve("10-pods.conflist"),
        """
        {"cniVersion": "1.0.0", "name": "crij-test", "plugins": [
          {"type": "bridge", "bridge": "cni0", "isGateway": true, "hairpinMode": true,
           "ipam": {"type": "host-local", "dataDir": "%s", "ranges": [
             [{"subnet": "10.88.7.0/24"}], [{"subnet": "fd88:7::/64"}]],
             "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}]}}%s]}
        """
            .formatted(
                folder.resolve("ipam"),
                portmap
                    ? ", {\"type\": \"portmap\", \"capabilities\": {\"portMappings\": true}}"
                    : ""));
  }

  static PortMapping.Builder mapping(Protocol protocol, int hostPort, int podPort) {
    return PortMapping.newBuilder()
        .setProtocol(protocol)
        .setHostPort(hostPort)
        .setContainerPort(podPort);
  }

  String runServer(PodSandboxConfig.Builder config) throws Exception {
    return runServer(config, server.toString());
  }

  /** Runs a pod with a program in it that answers, and says when it does. */
  String runServer(PodSandboxConfig.Builder config, String... script) throws Exception {
    String id = node.run(config);
    List<String> command =
        new ArrayList<>(List.of("nsenter", "--net=" + node.pin(id, NamespaceType.NETWORK), "perl"));
    command.addAll(List.of(script));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    servers.add(process);
    assertThat(process.inputReader().readLine()).isEqualTo("ready");
    return id;
  }

  String ask(String target) {
    return "perl " + client + " " + target + " 60";
  }

  /** Where no answer is expected. */
  String askInVain(String target) {
    return "perl " + client + " " + target + " 2";
  }

  /**
   * Asked until it answers: an address of IPv6 can be used a while after it is there, and a
   * connection that was begun before is never answered.
   */
  String answer(String target) throws Exception {
    long deadline = System.nanoTime() + 60_000_000_000L;
    String answer = "";
    while (answer.isEmpty() && System.nanoTime() < deadline) {
      answer = node.onHost("perl " + client + " " + target + " 5");
    }
    return answer;
  }

  /** Where a process of the node listens. */
  List<String> listening() throws Exception {
    return node.onHost("ss -Hltun | awk '{print $5}' | sort").lines().toList();
  }

  Process talk(String target) throws IOException {
    Process process =
        new ProcessBuilder(
                "nsenter",
                "--net=" + node.hostNetwork,
                "sh",
                "-c",
                "exec perl " + talker + " " + target)
            .redirectErrorStream(true)
            .start();
    servers.add(process);
    return process;
  }

  static String say(Process talker, String line) throws IOException {
    var to = talker.outputWriter();
    to.write(line + "\n");
    to.flush();
    return talker.inputReader().readLine();
  }

  String tables() throws Exception {
    return node.onHost("nft list tables inet");
  }
}
