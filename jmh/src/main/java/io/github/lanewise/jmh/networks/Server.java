package io.github.lanewise.jmh.networks;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

/** Which threads serve requests. Each waits for its end. */
enum Server {
  VIRTUAL("virtual threads"),
  PERMIT("virtual threads, with permits"),
  HANDED_OVER("virtual threads that ask the pool"),
  POOL("a pool of platform threads");

  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();
  private static final Executor VIRTUAL_THREADS = Executors.newVirtualThreadPerTaskExecutor();
  private static final Executor POOL_THREADS = Executors.newFixedThreadPool(PROCESSORS);
  private static final Semaphore PERMITS = new Semaphore(PROCESSORS, true);

  final String title;

  Server(String title) {
    this.title = title;
  }

  void serve(Runnable request) {
    switch (this) {
      case VIRTUAL -> virtually(request);
      case PERMIT -> virtually(() -> permitted(request));
      case HANDED_OVER -> virtually(() -> pooled(request));
      case POOL -> pooled(request);
    }
  }

  private static void virtually(Runnable request) {
    CompletableFuture.runAsync(request, VIRTUAL_THREADS).join();
  }

  private static void pooled(Runnable request) {
    CompletableFuture.runAsync(request, POOL_THREADS).join();
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
