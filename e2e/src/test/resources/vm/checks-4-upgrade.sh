program_of() {
  tr '\0' '\n' <"/proc/$1/cmdline" | grep '^/usr/lib/crij/versions/' | head -n 1
}

# The counting container of the checks before runs on through both.
check_an_upgrade_goes_over_running_pods() {
  change "$folder/crij-new.deb" 0.1.1
}

check_the_way_back_too() {
  change "$folder/crij-old.deb" 0.1.0
}

# change PACKAGE VERSION
change() {
  id=$(cat "$work/counting")
  monitor=$(pid_of conmon-j.service)
  crijd=$(pid_of crij.service)
  numbered=$(lines "$id")
  dpkg -i "$1"
  [ "$(dpkg-query -W -f '${Version}' crij)" = "$2" ]
  other_pid crij.service "$crijd"
  [ "$(pid_of conmon-j.service)" = "$monitor" ]
  program_of "$monitor" | grep "/versions/$2/"
  program_of "$(pid_of crij.service)" | grep "/versions/$2/"
  [ "$(ls /usr/lib/crij/versions)" = "$2" ]
  running "$id"
  more_than "$id" "$numbered"
  grows "$id"
}
