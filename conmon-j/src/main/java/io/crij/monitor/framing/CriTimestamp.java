package io.crij.monitor.framing;

/**
 * Times in the form of CRI logs: RFC 3339 in UTC with nine digits of nanoseconds. Written by hand,
 * because it is done for every chunk of output.
 */
final class CriTimestamp {
  static final int BYTES = "2026-01-02T03:04:05.123456789Z".length();

  private static final int SECONDS_A_DAY = 86_400;
  private static final int NANO_DIGITS = 9;
  private static final int NANOS_AT = "2026-01-02T03:04:05.".length();

  private long lastSecond = Long.MIN_VALUE;

  /** Writes a time into the first bytes of an array that only this method changes. */
  void write(byte[] into, long epochSecond, int nanos) {
    if (epochSecond != lastSecond) {
      lastSecond = epochSecond;
      writeSecond(into, epochSecond);
    }
    digits(into, NANOS_AT, NANO_DIGITS, nanos);
  }

  private static void writeSecond(byte[] into, long epochSecond) {
    writeDate(into, Math.floorDiv(epochSecond, SECONDS_A_DAY));
    int second = Math.floorMod(epochSecond, SECONDS_A_DAY);
    into[10] = 'T';
    digits(into, 11, 2, second / 3600);
    into[13] = ':';
    digits(into, 14, 2, second / 60 % 60);
    into[16] = ':';
    digits(into, 17, 2, second % 60);
    into[19] = '.';
    into[BYTES - 1] = 'Z';
  }

  // Years counted from March, so that the leap day is the last: 400 years have 146 097 days.
  private static void writeDate(byte[] into, long epochDay) {
    long day = epochDay + 719_468;
    long era = Math.floorDiv(day, 146_097);
    int dayOfEra = (int) (day - era * 146_097);
    int yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
    int dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    int monthFromMarch = (5 * dayOfYear + 2) / 153;
    int month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
    digits(into, 0, 4, (int) (yearOfEra + era * 400) + (month <= 2 ? 1 : 0));
    into[4] = '-';
    digits(into, 5, 2, month);
    into[7] = '-';
    digits(into, 8, 2, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1);
  }

  private static void digits(byte[] into, int at, int count, int value) {
    int rest = value;
    for (int i = at + count - 1; i >= at; i--) {
      into[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
  }
}
