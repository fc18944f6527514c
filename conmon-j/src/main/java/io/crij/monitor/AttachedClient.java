package io.crij.monitor;

import io.crij.monitor.container.Attachments;
import io.crij.monitor.v1.DetachReason;
import io.crij.monitor.v1.Detached;
import io.crij.monitor.v1.FromMonitor;

/** The connection on which an attachment was asked for: it ends with it. */
final class AttachedClient implements Attachments.Owner {
  private final String attachmentId;
  private final ClientConnection client;
  private final Attachments attachments;
  private final Runnable gone = this::gone;

  AttachedClient(String attachmentId, ClientConnection client, Attachments attachments) {
    this.attachmentId = attachmentId;
    this.client = client;
    this.attachments = attachments;
  }

  @Override
  public int connection() {
    return client.number();
  }

  @Override
  public void owns() {
    client.onClose(gone);
  }

  private void gone() {
    attachments.detach(attachmentId);
  }

  @Override
  public void ended(DetachReason reason) {
    Detached.Builder detached =
        Detached.newBuilder().setAttachmentId(attachmentId).setReason(reason);
    client.send(FromMonitor.newBuilder().setDetached(detached).build());
  }

  @Override
  public void over() {
    client.notOnClose(gone);
  }
}
