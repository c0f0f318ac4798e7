package io.github.lanewise.djl;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineProvider;

/** Makes the engine known to DJL, which finds it by {@link java.util.ServiceLoader}. */
public final class LanewiseEngineProvider implements EngineProvider {
  /** For the service loader. */
  public LanewiseEngineProvider() {}

  @Override
  public String getEngineName() {
    return LanewiseEngine.NAME;
  }

  @Override
  public int getEngineRank() {
    return LanewiseEngine.RANK;
  }

  @Override
  public Engine getEngine() {
    return LanewiseEngine.INSTANCE;
  }
}
