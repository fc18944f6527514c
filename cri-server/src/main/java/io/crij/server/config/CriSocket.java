package io.crij.server.config;

import java.nio.file.Path;

/**
 * The socket of the CRI.
 *
 * @param uid of its owner, who may call
 * @param gid of its group, whose members may call
 * @param mostRequestBytes of a request
 * @param mostReplyBytes of a reply in one message
 */
public record CriSocket(Path path, int uid, int gid, int mostRequestBytes, int mostReplyBytes) {}
