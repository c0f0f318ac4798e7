package io.github.lanewise.jmh.networks;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

/** Which threads serve requests. Each waits for its end. */
enum Server {
  VIRTUAL("virtual threads") {
    @Override
    void serve(Runnable request) {
      await(VIRTUAL_THREADS, request);
    }
  },
  PERMIT("virtual threads, with permits") {
    @Override
    void serve(Runnable request) {
      await(VIRTUAL_THREADS, () -> permitted(request));
    }
  },
  HANDED_OVER("virtual threads that ask the pool") {
    @Override
    void serve(Runnable request) {
      await(VIRTUAL_THREADS, () -> await(POOL_THREADS, request));
    }
  },
  POOL("a pool of platform threads") {
    @Override
    void serve(Runnable request) {
      await(POOL_THREADS, request);
    }
  };

  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();
  private static final Executor VIRTUAL_THREADS = Executors.newVirtualThreadPerTaskExecutor();
  private static final Executor POOL_THREADS = Executors.newFixedThreadPool(PROCESSORS);
  private static final Semaphore PERMITS = new Semaphore(PROCESSORS, true);

  private final String title;

  Server(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }

  abstract void serve(Runnable request);

  private static void await(Executor threads, Runnable request) {
    CompletableFuture.runAsync(request, threads).join();
  }

  private static void permitted(Runnable request) {
    PERMITS.acquireUninterruptibly();
    try {
      request.run();
    } finally {
      PERMITS.release();
    }
  }
}
