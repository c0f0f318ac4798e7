package io.github.lanewise;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** What tools that pack, shrink and rename the product rely on. */
class PackagingTest {
  /** A class that is only ever found by its name is dropped from a jar that is minimized. */
  @Test
  void everyClassIsReferredToFromTheExportedPackages() throws IOException {
    Map<String, Set<String>> references = references();
    Set<String> reached = new TreeSet<>();
    Set<String> exported = exported();
    references.keySet().stream()
        .filter(name -> exported.contains(name.substring(0, name.lastIndexOf('/'))))
        .forEach(name -> reach(name, references, reached));
    assertThat(references).hasSizeGreaterThan(100);
    assertThat(references.keySet()).allMatch(reached::contains);
  }

  /** Files of services, or that classes look up by their path, need rules of their own there. */
  @Test
  void thereIsNothingButClasses() throws IOException {
    assertThat(files())
        .filteredOn(file -> !file.endsWith("META-INF/LICENSE"))
        .allMatch(file -> file.toString().endsWith(".class"));
  }

  private static Set<String> exported() throws IOException {
    Path descriptor = ChildJvm.productClasses().resolve("module-info.class");
    try (InputStream in = Files.newInputStream(descriptor)) {
      return ModuleDescriptor.read(in).exports().stream()
          .map(export -> export.source().replace('.', '/'))
          .collect(Collectors.toSet());
    }
  }

  private static void reach(String name, Map<String, Set<String>> references, Set<String> reached) {
    if (references.containsKey(name) && reached.add(name)) {
      references.get(name).forEach(next -> reach(next, references, reached));
    }
  }

  /** For each class of the product which classes its constant pool names. */
  private static Map<String, Set<String>> references() throws IOException {
    Map<String, Set<String>> references = new HashMap<>();
    for (Path file : files()) {
      if (file.toString().endsWith(".class") && !file.endsWith("module-info.class")) {
        ClassModel type = ClassFile.of().parse(file);
        references.put(
            type.thisClass().asInternalName(),
            StreamSupport.stream(type.constantPool().spliterator(), false)
                .filter(ClassEntry.class::isInstance)
                .map(entry -> ((ClassEntry) entry).asInternalName())
                .collect(Collectors.toSet()));
      }
    }
    return references;
  }

  private static List<Path> files() throws IOException {
    try (Stream<Path> files = Files.walk(ChildJvm.productClasses())) {
      return files.filter(Files::isRegularFile).toList();
    }
  }
}
