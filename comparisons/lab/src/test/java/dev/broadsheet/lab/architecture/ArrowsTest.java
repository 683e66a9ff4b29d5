package dev.broadsheet.lab.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The arrows between the rooms of the house. */
final class ArrowsTest {
  private static final String API = "dev.broadsheet.api..";
  private static final String CORE = "dev.broadsheet.core..";
  private static final String STRATEGIES = "dev.broadsheet.strategies..";
  private static final String CONFORMANCE = "dev.broadsheet.conformance..";
  private static final String LAB = "dev.broadsheet.lab..";

  private static JavaClasses house;

  @BeforeAll
  static void importAllRooms() {
    house =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.broadsheet");
  }

  @Test
  void everyRoom_isSeen() {
    for (String room : new String[] {"api", "core.memory", "lab.cli"}) {
      assertThat(house.stream())
          .as(room)
          .anyMatch(type -> type.getPackageName().startsWith("dev.broadsheet." + room));
    }
  }

  @Test
  void api_dependsOnTheJdkAlone() {
    noClasses()
        .that()
        .resideInAPackage(API)
        .should()
        .dependOnClassesThat()
        .resideOutsideOfPackages(API, "java..", "org.jspecify..")
        .check(house);
  }

  @Test
  void strategies_seeTheApiAlone() {
    noClasses()
        .that()
        .resideInAPackage(STRATEGIES)
        .should()
        .dependOnClassesThat()
        .resideOutsideOfPackages(
            STRATEGIES, API, "java..", "org.jspecify..", "com.google.auto.service..")
        .allowEmptyShould(true)
        .check(house);
  }

  @Test
  void core_namesNoStrategyAndNoLab() {
    noClasses()
        .that()
        .resideInAPackage(CORE)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(STRATEGIES, CONFORMANCE, LAB)
        .check(house);
  }

  @Test
  void conformance_knowsNoStrategyAndNoLab() {
    noClasses()
        .that()
        .resideInAPackage(CONFORMANCE)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(STRATEGIES, LAB)
        .allowEmptyShould(true)
        .check(house);
  }

  @Test
  void lab_meetsStrategiesAtRunTimeOnly() {
    noClasses()
        .that()
        .resideInAPackage(LAB)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(STRATEGIES)
        .check(house);
  }
}
