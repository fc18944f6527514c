package io.crij.monitor.exec;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.crij.linux.io.FramePart;
import io.crij.monitor.v1.ExecSyncReply;
import io.crij.monitor.v1.FromMonitor;
import io.crij.monitor.v1.Reply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * The frame of a reply with an ExecSyncReply, whose outputs are not brought into the heap: the
 * bytes of the messages around them are written by hand.
 */
final class ExecSyncFrame {
  private ExecSyncFrame() {}

  /** A FromMonitor message in pieces, as protobuf's own encoder would make it. */
  static List<FramePart> of(long requestId, CapturedOutput out, CapturedOutput err, int code) {
    byte[] exitCode = ExecSyncReply.newBuilder().setExitCode(code).build().toByteArray();
    byte[] id = Reply.newBuilder().setId(requestId).build().toByteArray();
    byte[] beforeOut = lengthField(ExecSyncReply.STDOUT_FIELD_NUMBER, out.keptBytes());
    byte[] beforeErr = lengthField(ExecSyncReply.STDERR_FIELD_NUMBER, err.keptBytes());
    long execBytes =
        beforeOut.length + out.keptBytes() + beforeErr.length + err.keptBytes() + exitCode.length;
    byte[] beforeExec = lengthField(Reply.EXEC_SYNC_FIELD_NUMBER, execBytes);
    long replyBytes = id.length + beforeExec.length + execBytes;
    byte[] beforeReply = lengthField(FromMonitor.REPLY_FIELD_NUMBER, replyBytes);
    return List.of(
        new FramePart.Bytes(beforeReply),
        new FramePart.Bytes(id),
        new FramePart.Bytes(beforeExec),
        new FramePart.Bytes(beforeOut),
        out.takeContent(),
        new FramePart.Bytes(beforeErr),
        err.takeContent(),
        new FramePart.Bytes(exitCode));
  }

  private static byte[] lengthField(int number, long length) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      out.writeTag(number, WireFormat.WIRETYPE_LENGTH_DELIMITED);
      out.writeUInt32NoTag(Math.toIntExact(length));
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
