# The first two packets of an association of SCTP (RFC 9260, 5.1), by a raw socket: the kernel may have no SCTP of its own.
# usage: sctp.pl answer PORT | sctp.pl ask ADDRESS PORT SECONDS
# "answer" says with INIT ACK from where it was asked, for ever; "ask" prints that and who says it.
use strict; use warnings; use Socket;
my ($what, @to) = @ARGV;
my $seconds = $what eq "ask" ? pop @to : 0;
my $port = pop @to;
my ($INIT, $INIT_ACK, $COOKIE, $OWN_PORT) = (1, 2, 7, 20000 + $$ % 40000);
socket(my $raw, AF_INET, SOCK_RAW, 132) or die "socket: $!";
$| = 1;

sub crc32c {
  my $crc = 0xffffffff;
  for my $byte (unpack "C*", $_[0]) {
    $crc ^= $byte;
    $crc = $crc & 1 ? ($crc >> 1) ^ 0x82f63b78 : $crc >> 1 for 1 .. 8;
  }
  return $crc ^ 0xffffffff;
}

# A packet of one chunk: begin of an association, with a cookie where it is an answer.
sub send_chunk {
  my ($type, $from, $to, $address, $tag, $cookie) = @_;
  my $parameter = length $cookie ? pack("n n a*", $COOKIE, 4 + length $cookie, $cookie) : "";
  my $body = pack("N N n n N", 4711, 65536, 1, 1, 1) . $parameter;
  my $chunk = pack("C C n", $type, 0, 4 + length $body) . $body;
  $chunk .= "\0" x (-length($chunk) % 4);
  my $head = pack("n n N", $from, $to, $tag);
  my $sum = crc32c($head . "\0\0\0\0" . $chunk);
  send($raw, $head . pack("V", $sum) . $chunk, 0, pack_sockaddr_in(0, $address)) or die "send: $!";
}

# What comes for a port: source address and port, and the chunk.
sub chunk_for {
  my ($own, $wanted) = @_;
  while (1) {
    my $from = recv($raw, my $packet, 65536, 0) // die "recv: $!";
    my $sctp = substr $packet, 4 * (ord($packet) & 15);
    my ($source, $target, undef, undef, $type, undef, $length) = unpack "n n N N C C n", $sctp;
    next unless $target == $own && $type == $wanted;
    return ((unpack_sockaddr_in($from))[1], $source, substr $sctp, 12, $length);
  }
}

if ($what eq "answer") {
  print "ready\n";
  while (1) {
    my ($address, $source, $chunk) = chunk_for($port, $INIT);
    send_chunk($INIT_ACK, $port, $source, $address, unpack("x4 N", $chunk), "hello " . inet_ntoa($address));
  }
}
# Again and again, as the first one may be lost.
my $asking = fork // die "fork: $!";
if (!$asking) {
  for (1 .. $seconds) { send_chunk($INIT, $OWN_PORT, $port, inet_aton($to[0]), 0, ""); sleep 1 }
  exit 0;
}
$SIG{ALRM} = sub { kill "KILL", $asking; wait; exit 0 }; alarm $seconds;
my ($address, $source, $chunk) = chunk_for($OWN_PORT, $INIT_ACK);
kill "KILL", $asking; wait;
print substr($chunk, 24), " at ", inet_ntoa($address), ":$source\n";
