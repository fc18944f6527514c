# A bus with systemd on it, as far as an OCI runtime asks it for scopes (org.freedesktop.systemd1(5)): it notes each call
# in a file, and does as systemd does in its own hierarchy. The OCI runtime goes into the others of version 1 itself.
# usage: systemd.pl SOCKET LOG
use strict; use warnings; use IO::Socket::UNIX; use IO::Select;
my ($path, $log) = @ARGV;
my $listening = IO::Socket::UNIX->new(Local => $path, Listen => 9) or die $!;
open my $notes, ">>", $log or die $!; $notes->autoflush(1);
$| = 1; print "ready\n";
my $all = IO::Select->new($listening);
my (%input, %begun, %scopes, $message, $at); my ($serial, $jobs) = (0, 0);
my %bytes = (y => 1, b => 4, n => 2, q => 2, i => 4, u => 4, x => 8, t => 8, d => 8, h => 4);
my %format = (y => "C", b => "V", n => "v", q => "v", i => "V", u => "V", x => "Q<", t => "Q<", d => "Q<", h => "V");

sub align { $at += -$at % $_[0] }
sub take { my $taken = substr $message, $at, $_[0]; $at += $_[0]; $taken }

# The first complete type of a signature (D-Bus Specification, "Type System").
sub first_type {
  my ($signature) = @_; my $depth = 0;
  return "a" . first_type(substr $signature, 1) if $signature =~ /^a/;
  for my $end (0 .. length($signature) - 1) {
    my $letter = substr $signature, $end, 1;
    $depth += $letter =~ /[({]/ ? 1 : $letter =~ /[)}]/ ? -1 : 0;
    return substr $signature, 0, $end + 1 if $depth == 0;
  }
}

sub alignment { my ($type) = @_; $type =~ /^[({xtd]/ ? 8 : $type =~ /^[gyv]/ ? 1 : $type =~ /^[nq]/ ? 2 : 4 }

# Values of a signature, as text.
sub values_of {
  my ($signature) = @_; my @values;
  while (length $signature) {
    my $type = first_type($signature);
    $signature = substr $signature, length $type;
    push @values, value_of($type);
  }
  return join " ", @values;
}

sub value_of {
  my ($type) = @_; align(alignment($type));
  if ($type =~ /^[so]/) { my $text = take(unpack "V", take(4)); take(1); return $text }
  if ($type eq "g") { my $text = take(unpack "C", take(1)); take(1); return $text }
  if ($type eq "v") { return value_of(value_of("g")) }
  if ($type =~ /^[({](.*)[)}]$/) { return "(" . values_of($1) . ")" }
  if ($type =~ /^a(.*)/) {
    my ($element, @elements) = ($1);
    my $length = unpack "V", take(4);
    align(alignment($element));
    my $end = $at + $length;
    push @elements, value_of($element) while $at < $end;
    return "[" . join(" ", @elements) . "]";
  }
  return unpack $format{$type}, take($bytes{$type});
}

sub text { my ($type, $text) = @_; pack "V/a x", $text }
sub padded { my ($bytes, $to) = @_; $bytes . "\0" x (-length($bytes) % $to) }
sub field { my ($code, $type, $value) = @_; pack("C C a x", $code, 1, $type) . $value }
sub signature_field { field(8, "g", pack "C/a x", $_[0]) }

sub packet {
  my ($type, $body, @fields) = @_;
  my $fields = "";
  $fields = padded($fields, 8) . $_ for @fields;
  return padded(pack("a C C C V V V", "l", $type, 1, 1, length $body, ++$serial, length $fields) . $fields, 8) . $body;
}

sub answer { my ($to, $signature, $body) = @_;
  return packet(2, $body, field(5, "u", pack "V", $to), length $signature ? signature_field($signature) : ()) }
sub failure { my ($to, $name) = @_; return packet(3, "", field(5, "u", pack "V", $to), field(4, "s", text("s", $name))) }

# Every connection is told that a job is done.
sub job {
  my ($to, $unit) = @_; my $path = "/org/freedesktop/systemd1/job/" . ++$jobs;
  my $body = padded(pack("V", $jobs) . text("o", $path), 4);
  $body = padded($body . text("s", $unit), 4) . text("s", "done");
  my $removed = packet(4, $body, field(1, "o", text("o", "/org/freedesktop/systemd1")),
    field(2, "s", text("s", "org.freedesktop.systemd1.Manager")), field(3, "s", text("s", "JobRemoved")),
    signature_field("uoss"));
  return (answer($to, "o", text("o", $path)), $removed);
}

# In systemd's own hierarchies, of which a hybrid has two; a-b.slice is in a.slice (systemd.slice(5)).
sub begin_scope {
  my ($unit, $slice, $pid) = @_;
  for my $root (grep { -d } "/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified") {
    my ($folder, $name) = ($root, "");
    for my $part (split /-/, $slice) {
      $name .= length $name ? "-$part" : $part; $folder .= "/$name.slice"; mkdir $folder;
    }
    mkdir "$folder/$unit"; push @{$scopes{$unit}}, "$folder/$unit";
    if (open my $members, ">", "$folder/$unit/cgroup.procs") { print $members $pid; close $members }
  }
}

sub called {
  my ($from, $id, $member, $arguments) = @_;
  print $notes "$member $arguments\n" unless $member =~ /^(Hello|AddMatch|Get)$/;
  return answer($id, "s", text("s", ":1.1")) if $member eq "Hello";
  if ($member =~ /^(StartTransientUnit|StopUnit)$/) {
    my ($unit) = split / /, $arguments;
    begin_scope($unit, $1, $2) if $arguments =~ /\(Slice (\S+)\.slice\).*\(PIDs \[(\d+)\]\)/;
    if ($member eq "StopUnit") { rmdir for @{delete $scopes{$unit} || []} }
    my ($answer, $removed) = job($id, $unit);
    $_ != $from && $begun{$_} && syswrite $_, $removed for $all->handles;
    return $answer . $removed;
  }
  return answer($id, "", "") if $member =~ /^(AddMatch|SetUnitProperties|ResetFailedUnit|Subscribe)$/;
  return failure($id, "org.freedesktop.DBus.Error.UnknownMethod");
}

# One message, if all of it is there.
sub receive {
  my ($from) = @_; my $buffer = \$input{$from};
  return 0 if length $$buffer < 16;
  my ($kind, $body, $id, $fields) = unpack "x C x2 V V V", $$buffer;
  my $start = 16 + $fields; $start += -$start % 8;
  return 0 if length $$buffer < $start + $body;
  $message = substr $$buffer, 0, $start + $body, "";
  my ($member, $signature) = ("", ""); $at = 16;
  while ($at < 16 + $fields) {
    align(8); my $code = unpack "C", take(1); my $value = value_of("v");
    $member = $value if $code == 3; $signature = $value if $code == 8;
  }
  # The body's alignment is counted from its beginning, which is a multiple of 8.
  $at = $start;
  syswrite $from, called($from, $id, $member, values_of($signature)) if $kind == 1;
  return 1;
}

# The lines before the first message (D-Bus Specification, "Authentication Protocol").
sub authenticate {
  my ($with) = @_;
  while (!$begun{$with} && $input{$with} =~ s/^\0?([^\r]*)\r\n//) {
    my $line = $1;
    $begun{$with} = 1 if $line eq "BEGIN";
    syswrite $with, $line =~ /^AUTH EXTERNAL/ ? "OK " . "0" x 32 . "\r\n" : $line eq "AUTH" ? "REJECTED EXTERNAL\r\n" : "ERROR\r\n"
      unless $line eq "BEGIN";
  }
}

while (1) {
  for my $ready ($all->can_read) {
    if ($ready == $listening) { my $client = $listening->accept; $input{$client} = ""; $all->add($client); next }
    if (!sysread $ready, $input{$ready}, 65536, length $input{$ready}) {
      $all->remove($ready); delete $input{$ready}; delete $begun{$ready}; close $ready; next;
    }
    authenticate($ready);
    1 while $begun{$ready} && receive($ready);
  }
}
