package io.github.lanewise.djl;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import java.lang.System.Logger.Level;
import java.util.Objects;

/**
 * Runs ONNX networks on the CPU, without native code. Its arrays have the operations that DJL's
 * translators of images call; where DJL has another, full engine as its default, that one serves
 * the others. Thread-safe: models may be shared, and each thread has a predictor of its own.
 */
public final class LanewiseEngine extends Engine {
  static final String NAME = "Lanewise";

  /** Behind engines whose arrays have all operations, so that DJL's default is one of these. */
  static final int RANK = 10;

  static final LanewiseEngine INSTANCE = new LanewiseEngine();

  private boolean isAlternativeKnown;
  private Engine alternative;

  private LanewiseEngine() {}

  /**
   * The engine for operations that this one's arrays lack.
   *
   * @return DJL's default engine; null if that is this one, is no full engine, or does not start
   */
  @Override
  public synchronized Engine getAlternativeEngine() {
    if (!isAlternativeKnown) {
      isAlternativeKnown = true;
      alternative = findAlternative();
    }
    return alternative;
  }

  private static Engine findAlternative() {
    if (NAME.equals(Engine.getDefaultEngineName())) {
      return null;
    }
    try {
      Engine other = Engine.getInstance();
      return other.getRank() < RANK ? other : null;
    } catch (RuntimeException | LinkageError e) { // its native code does not load here
      System.getLogger(LanewiseEngine.class.getName())
          .log(Level.WARNING, "DJL's default engine does not start, Lanewise goes on alone", e);
      return null;
    }
  }

  @Override
  public String getEngineName() {
    return NAME;
  }

  @Override
  public int getRank() {
    return RANK;
  }

  /**
   * The version of this engine's jar.
   *
   * @return "unknown" outside of a jar
   */
  @Override
  public String getVersion() {
    return Objects.requireNonNullElse(
        LanewiseEngine.class.getPackage().getImplementationVersion(), "unknown");
  }

  @Override
  public boolean hasCapability(String capability) {
    return false;
  }

  @Override
  public Model newModel(String name, Device device) {
    return new LanewiseModel(name, LanewiseNDManager.SYSTEM.newSubManager(device));
  }

  @Override
  public NDManager newBaseManager() {
    return newBaseManager(null);
  }

  @Override
  public NDManager newBaseManager(Device device) {
    return LanewiseNDManager.SYSTEM.newSubManager(device);
  }
}
