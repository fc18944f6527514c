package io.crij.e2e.image;

import java.io.IOException;
import java.util.List;

/** The layers that images share. */
final class BaseLayers {
  static final String PASSWD =
      """
      root:x:0:0:root:/root:/bin/sh
      daemon:x:1:1:daemon:/usr/sbin:/bin/false
      bin:x:2:2:bin:/bin:/bin/false
      www-data:x:33:33:www-data:/var/www:/bin/false
      nobody:x:65534:65534:nobody:/home:/bin/false
      """;
  static final String GROUP =
      """
      root:x:0:
      daemon:x:1:
      bin:x:2:
      www-data:x:33:
      nogroup:x:65534:
      """;

  /** Debian's busybox has no pgrep; the suite finds processes by name with it. */
  private static final String PGREP =
      """
      #!/bin/sh
      # pgrep NAME: numbers of the processes whose name contains it.
      found=1
      for stat in /proc/[0-9]*/comm; do
        pid=${stat#/proc/}
        pid=${pid%/comm}
        name=
        read -r name 2>/dev/null <"$stat"
        case $name in
          *"$1"*) [ "$pid" = $$ ] || { echo "$pid"; found=0; } ;;
        esac
      done
      exit $found
      """;

  /** Nor ipcs, by which the suite looks for a shared memory segment. */
  private static final String IPCS =
      """
      #!/bin/sh
      # ipcs -m: the shared memory segments, in the columns of util-linux.
      echo
      echo "------ Shared Memory Segments --------"
      echo "key        shmid      owner      perms      bytes      nattch     status"
      tail -n +2 /proc/sysvipc/shm | while read -r key id perms size _ _ attached owner _; do
        printf '0x%08x %-10s %-10s %-10s %-10s %-10s\\n' \
          "$key" "$id" "$owner" "$perms" "$size" "$attached"
      done
      echo
      """;

  private final DebianFiles debian;

  BaseLayers(DebianFiles debian) {
    this.debian = debian;
  }

  /**
   * A small system. Each applet is a hard link to busybox, as in the public image: the suite masks
   * /bin/ls and runs it by sh, which must therefore be another file and run /bin/ls, not itself.
   */
  Layer busybox(List<String> applets) throws IOException {
    Tar tar =
        new Tar()
            .folders("bin", "dev", "etc", "home", "proc", "run", "sbin", "sys")
            .folders("usr", "usr/bin", "usr/sbin", "var", "var/www")
            .folder("root", 0700, 0)
            .folder("tmp", 01777, 0)
            .symbolicLink("var/run", "/run")
            .copy("bin/busybox", debian.file("bin/busybox"), 0755)
            .copy("bin/sh", debian.file("bin/busybox"), 0755)
            .file("bin/pgrep", PGREP, 0755)
            .file("bin/ipcs", IPCS, 0755)
            .file("etc/passwd", PASSWD, 0644)
            .file("etc/group", GROUP, 0644)
            .file("etc/shadow", "root:*:::::::\n", 0640)
            .file("etc/hostname", "busybox\n", 0644)
            .file("etc/localtime", "", 0644);
    for (String applet : applets) {
      tar.hardLink("bin/" + applet, "bin/busybox");
    }
    debian.addLibraries(tar, List.of("libc.so.6", "libresolv.so.2"));
    return Layer.of(tar);
  }

  /** Debian's nginx over busybox, answering on a port. */
  Layer nginx(int port) throws IOException {
    Tar tar =
        new Tar()
            .folders("etc/nginx", "usr/share", "usr/share/nginx", "usr/share/nginx/html")
            .folders("var/log", "var/log/nginx", "var/lib", "var/lib/nginx")
            .copy("usr/sbin/nginx", debian.file("usr/sbin/nginx"), 0755)
            .file(
                "etc/nginx/nginx.conf",
                """
                user www-data;
                worker_processes 1;
                pid /var/run/nginx.pid;
                error_log /dev/stderr warn;
                events { worker_connections 64; }
                http {
                  access_log /dev/stdout;
                  types { text/html html; }
                  server {
                    listen %d;
                    location / { root /usr/share/nginx/html; }
                  }
                }
                """
                    .formatted(port),
                0644)
            .file(
                "usr/share/nginx/html/index.html",
                """
                <!DOCTYPE html>
                <html><head><title>Welcome to nginx!</title></head>
                <body><h1>Welcome to nginx!</h1></body></html>
                """,
                0644);
    debian.addLibraries(
        tar,
        List.of("libcrypt.so.1", "libpcre2-8.so.0", "libssl.so.3", "libcrypto.so.3", "libz.so.1"));
    return Layer.of(tar);
  }

  /** An empty file, so that an image differs from the others. */
  static Layer mark(String name) throws IOException {
    return Layer.of(new Tar().file(name, "", 0644));
  }
}
